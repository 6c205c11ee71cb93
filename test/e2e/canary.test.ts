// No secret stands in the clear anywhere but in a container's environment, where its service reads it. Every place is
// searched for something that is known to be there as well: a search that looks at nothing fails.
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { docker } from "../../components/hosts/docker-cli.ts";
import { type Running, root, TestStack } from "./test-stack.ts";

interface Place {
  text: string;
  /** Not secret, and there. */
  known: string;
}

const placeNames = [
  "the state",
  "its backups",
  "its history",
  "the stack's configuration file",
  "Pulumi's own logs",
  "the output of up --diff",
  "the event log of up",
  "the output of preview --diff",
  "the output of preview --json",
  "the event log of preview",
  "the arguments of all processes",
  "the containers' labels",
  "their commands and entry points",
  "their health checks",
  "all else that docker inspect tells, the environment apart",
  "the containers' logs",
] as const;
type PlaceName = (typeof placeNames)[number];

const canaries = [randomBytes(12).toString("hex"), randomBytes(12).toString("hex")] as const;
/** Characters that a shell, JSON, a URL or a template might do something with. */
const canarySecret = (canary: string) => `"${canary}" $HOME & 100%`;

const folder = mkdtempSync(path.join(tmpdir(), "atlas-canary-"));
let stack: TestStack;
let places: Record<PlaceName, Place>;
let generated: string[];
let environment: string;

beforeAll(async () => {
  const began = Date.now();
  stack = await TestStack.make({
    storage: "true",
    backendEnv: { STANDIN_BOOT_MS: "500", STANDIN_MIGRATION_MS: "500" },
  });
  const processes = watchArguments();
  await stack.setSecret("adminPassword", canarySecret(canaries[0]));
  await stack.setSecret("backendEnv.SMTP_PWD", canarySecret(canaries[1]));
  const first = await succeed(logged("first", "up", "--diff"));
  const before = await generatedSecrets();
  // Each value changes, so that a preview has the old and the new ones to tell about.
  stack.configure({ rotate: { database: 1, storage: 1, jwt: 1, superAdmin: 1 } });
  const preview = await succeed(logged("preview", "preview"));
  const json = await succeed(stack.startWith({}, "preview", "--json"));
  const second = await succeed(logged("second", "up", "--diff"));
  generated = [...new Set([...before, ...(await generatedSecrets())])];
  const inspected = await inspect();
  environment = inspected.map(({ Config }) => Config.Env.join("\n")).join("\n");

  const inspectPlace = (pick: (container: Inspected) => unknown, known: string): Place => ({
    text: JSON.stringify(inspected.map(pick)),
    known,
  });
  const state = (kind: string): Place => ({
    text: filesBelow(path.join(root, ".atlas/sandbox/state/.pulumi", kind)),
    known: `urn:pulumi:${stack.name}::atlas::`,
  });
  const config = readFileSync(path.join(root, `Pulumi.${stack.name}.yaml`), "utf8");
  places = {
    "the state": state("stacks"),
    "its backups": state("backups"),
    "its history": state("history"),
    "the stack's configuration file": { text: config, known: "STANDIN_BOOT_MS" },
    "Pulumi's own logs": {
      text: filesBelow(path.join(root, ".atlas/sandbox/home/logs"), began),
      known: stack.name,
    },
    "the output of up --diff": { text: first + second, known: "org.atlas-cmms.deployment" },
    "the event log of up": { text: events("first") + events("second"), known: stack.container("backend") },
    "the output of preview --diff": { text: preview, known: "superAdminPassword" },
    "the output of preview --json": { text: json, known: stack.container("backend") },
    "the event log of preview": { text: events("preview"), known: stack.container("backend") },
    "the arguments of all processes": { text: processes(), known: `up --stack ${stack.name} --yes` },
    "the containers' labels": inspectPlace(({ Config }) => Config.Labels, "org.atlas-cmms.deployment"),
    "their commands and entry points": inspectPlace(
      ({ Config, Path, Args }) => [Config.Cmd, Config.Entrypoint, Path, Args],
      "my-spring-boot-app.jar",
    ),
    "their health checks": inspectPlace(({ Config }) => Config.Healthcheck, "health@check.invalid"),
    "all else that docker inspect tells, the environment apart": inspectPlace(
      (container) => ({ ...container, Config: { ...container.Config, Env: [] } }),
      stack.container("storage"),
    ),
    "the containers' logs": { text: await logs(), known: "Tomcat started" },
  };
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await stack.remove();
});

test("what is searched for are the secrets in use", () => {
  // Five of the first up, of which the administrator's is for nobody here, and four that were rotated.
  expect(generated).toHaveLength(9);
  for (const secret of generated) expect(secret.length).toBeGreaterThanOrEqual(24);
  expect(environment).toContain(canarySecret(canaries[1]));
  // Of those the services know three: the database's, the object store's and the key.
  expect(generated.filter((secret) => environment.includes(secret))).toHaveLength(3);
});

describe("no secret is in", () => {
  test.each(placeNames)("%s", (name) => {
    const { text, known } = places[name];
    expect(text).toContain(known);
    const found = [...canaries, ...generated].filter((secret) =>
      formsOf(secret).some((form) => text.includes(form)),
    );
    expect(found.map((secret) => excerpt(text, secret))).toEqual([]);
  });
});

/** As it is, and as JSON, a URL or an HTTP header would carry it. */
const formsOf = (secret: string): string[] => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString("base64"),
];

/** Where it stands, for whoever reads the failure. */
function excerpt(text: string, secret: string): string {
  const form = formsOf(secret).find((candidate) => text.includes(candidate)) ?? secret;
  const at = text.indexOf(form);
  return text.slice(Math.max(0, at - 200), at + form.length + 50);
}

/** Runs a script with Pulumi's event log, which its debug commands offer. */
const logged = (name: string, script: "up" | "preview", ...args: string[]): Running =>
  stack.startWith(
    { PULUMI_DEBUG_COMMANDS: "true" },
    script,
    ...args,
    "--event-log",
    path.join(folder, `${name}.json`),
  );
const events = (name: string): string => readFileSync(path.join(folder, `${name}.json`), "utf8");

async function succeed(running: Running): Promise<string> {
  const { code, output } = await running.finished;
  expect(code, output).toBe(0);
  return output;
}

/** The values of the stack's GeneratedSecret resources; the deployment's id is one that everybody may know. */
async function generatedSecrets(): Promise<string[]> {
  const state = JSON.parse(await stack.pulumi("stack", "export", "--show-secrets"));
  const resources: { type: string; urn: string; outputs: { value: { plaintext: string } } }[] =
    state.deployment.resources;
  return resources
    .filter(({ type, urn }) => type.endsWith("GeneratedSecret") && !urn.endsWith("-deployment-id"))
    .map(({ outputs }) => JSON.parse(outputs.value.plaintext));
}

/** All files below a folder that belong to this stack by their path, or, with a time, that were written since. */
function filesBelow(top: string, since?: number): string {
  return readdirSync(top, { recursive: true, encoding: "utf8" })
    .map((file) => path.join(top, file))
    .filter((file) => statSync(file).isFile())
    .filter((file) => (since === undefined ? file.includes(stack.name) : statSync(file).mtimeMs >= since))
    .map((file) => `${file}\n${readFileSync(file, "utf8")}`)
    .join("\n");
}

/** Reads the arguments of every process on the machine, again and again; the function that it returns ends that. */
function watchArguments(): () => string {
  const seen = new Set<string>();
  const look = () => {
    for (const entry of readdirSync("/proc")) if (/^\d+$/.test(entry)) seen.add(argumentsOf(entry));
  };
  const timer = setInterval(look, 50);
  return () => {
    clearInterval(timer);
    return [...seen].join("\n");
  };
}

function argumentsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

interface Inspected {
  Path: string;
  Args: string[];
  Config: { Env: string[]; Labels: unknown; Cmd: unknown; Entrypoint: unknown; Healthcheck: unknown };
}

const containers = async () => Object.values(await stack.containerIds());
const inspect = async (): Promise<Inspected[]> =>
  JSON.parse(await docker(["inspect", ...(await containers())]));
const logs = async (): Promise<string> =>
  (await Promise.all((await containers()).map((id) => docker(["logs", id], { bothOutputs: true })))).join(
    "\n",
  );
