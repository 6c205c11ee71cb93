// Run by plain Node (Vitest rewrites functions, and Pulumi then cannot write providers down). Deploys stacks one after
// the other under Pulumi's mocks: reads a list of Stack from standard input, prints one Deployed for each.
import { text as readAll } from "node:stream/consumers";
import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";
import { generate } from "../../../../components/secrets/generate.ts";
import type { Deployed, Registered, Stack } from "../deployed.ts";

const report = { passed: 1, services: [{ name: "backend", container: "c", image: "i", health: "healthy" }] };

function outputsOf(type: string, name: string): Record<string, unknown> {
  if (type.endsWith("RemoteImage")) return { imageId: `sha256:${name}` };
  if (type.endsWith("GeneratedSecret")) return { value: pulumi.secret(generated(name)) };
  if (type.endsWith(":Droplet")) return { ipv4Address: "192.0.2.10", dropletUrn: "do:droplet:4711" };
  if (type.endsWith(":ReservedIp"))
    return { ipAddress: "192.0.2.20", reservedIpUrn: "do:reservedip:192.0.2.20" };
  if (type.endsWith(":Volume")) return { volumeUrn: `do:volume:${name}` };
  if (type.endsWith(":SshKey")) return { fingerprint: "fi:ng:er" };
  if (type.endsWith("remote:Command")) return { stdout: "release 1 runs" };
  if (type.endsWith("Smoke")) return { report };
  return {};
}

const keys = new Map<string, string>();

/** A key is the same each time, as the state keeps it, and one that ssh can read. */
function generated(name: string): string {
  if (!name.endsWith("-key")) return `made-for-${name}`;
  const key = keys.get(name) ?? generate({ form: "ssh-ed25519", length: 32, rotation: 0 });
  keys.set(name, key);
  return key;
}

let requests: RegisterResourceRequest[] = [];
const { registerResource } = MockMonitor.prototype;
Object.assign(MockMonitor.prototype, {
  registerResource(
    this: MockMonitor,
    request: RegisterResourceRequest,
    done: (error: unknown, answer: unknown) => void,
  ) {
    requests.push(request);
    return registerResource.call(this, request, done);
  },
  // The mocks know of no hooks, which do not run with them either.
  registerResourceHook: (_: unknown, done: (error: unknown, answer: unknown) => void) => done(null, {}),
});

const nameIn = (urn: string) => urn.split("::").at(-1) ?? "";
// How the SDK marks secrets on the wire.
const signature = "4dabf18193072939515e22adb298388d";

function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== "object" || value === null) return value;
  if (signature in value && "value" in value) return { secret: readable(value.value) };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, readable(inner)]));
}

function toRegistered(request: RegisterResourceRequest): Registered {
  const inputs = request.getObject()?.toJavaScript() ?? {};
  return {
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    parent: nameIn(request.getParent()),
    protect: request.getProtect() ?? false,
    dependencies: request.getDependenciesList().map(nameIn).toSorted(),
    deleteBeforeReplace: request.getDeletebeforereplace(),
    retainOnDelete: request.getRetainondelete() ?? false,
    deletedWith: nameIn(request.getDeletedwith()),
    ignoreChanges: request.getIgnorechangesList(),
    secretOutputs: request.getAdditionalsecretoutputsList(),
    hooks: request.getHooks()?.getBeforeCreateList() ?? [],
    inputs: Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, readable(value)])),
  };
}

const resolved = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));

await pulumi.runtime.setMocks(
  {
    newResource: ({ type, name, inputs }) => ({
      id: type.endsWith(":Droplet") ? "4711" : `${name}-id`,
      state: { ...inputs, ...outputsOf(type, name) },
    }),
    call: ({ inputs }) => inputs,
  },
  "atlas",
  "dev",
);
const { AtlasDeployment } = await import("../../../../components/atlas-deployment.ts");
const { readConfig } = await import("../../../../components/config.ts");

async function deploy({ config, secretKeys = [], name = "atlas" }: Stack): Promise<Deployed> {
  requests = [];
  pulumi.runtime.setAllConfig(config);
  const env = { PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretKeys) };
  const atlas = new AtlasDeployment(name, readConfig(env));
  // The smoke checks come last: they depend on everything else.
  const smoke = await resolved(atlas.smoke);
  await resolved(atlas.urn);
  return {
    outputs: {
      url: atlas.url,
      apiUrl: atlas.apiUrl,
      adminEmail: atlas.adminEmail,
      adminPassword: await resolved(atlas.adminPassword),
      adminPasswordIsSecret: await pulumi.isSecret(atlas.adminPassword),
      services: await resolved(atlas.services),
      smoke,
    },
    resources: requests.map(toRegistered),
  };
}

const deployed: Deployed[] = [];
for (const stack of JSON.parse(await readAll(process.stdin)) as Stack[]) deployed.push(await deploy(stack));
process.stdout.write(JSON.stringify(deployed));
