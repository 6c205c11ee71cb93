// Run by plain Node, as the engine's language host does: Vitest rewrites functions, and with them what Pulumi writes
// into the state. Prints the text of each dynamic resource's provider, and whether it would be a secret.
import * as pulumi from "@pulumi/pulumi";
import { Bootstrap } from "../../../../components/bootstrap/bootstrap.ts";
import { Machine } from "../../../../components/hosts/droplet/machine.ts";
import { GeneratedSecret } from "../../../../components/secrets/generated-secret.ts";
import { Smoke } from "../../../../components/smoke/smoke.ts";

const texts: Record<string, unknown> = {};
await pulumi.runtime.setMocks({
  newResource: ({ type, name, inputs }) => {
    texts[type] = inputs.__provider;
    return { id: name, state: inputs };
  },
  call: ({ inputs }) => inputs,
});

const [adminPassword, superAdminPassword] = [
  pulumi.secret("canary-admin-1"),
  pulumi.secret("canary-super-2"),
];
const resources = [
  new GeneratedSecret("secret", { form: "text", length: 24, rotation: 0 }),
  new Bootstrap("bootstrap", {
    adminEmail: "admin@plant.example",
    adminPassword,
    superAdminPassword,
    organization: "Plant",
    backend: "b",
    postgres: "p",
    ingress: "i",
    databaseId: "1",
  }),
  new Machine("machine", {
    dropletId: "1",
    address: "192.0.2.1",
    deployKey: "canary-deploy-3",
    hostKey: "canary-host-4",
    firstHostKeys: [],
    volume: "data",
    volumeSize: 1,
    size: "small",
  }),
  new Smoke("smoke", {
    url: "http://localhost:1",
    apiUrl: "http://localhost:1/api",
    adminEmail: "admin@plant.example",
    adminPassword,
    containers: {},
    postgresPort: 0,
    revision: "r",
    containerIds: [],
  }),
];
for (const { urn } of resources) await new Promise((resolve) => urn.apply(resolve));
process.stdout.write(JSON.stringify(texts));
