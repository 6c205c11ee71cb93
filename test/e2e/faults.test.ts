// What goes wrong before and around a deployment: each fault has a clear message and leaves nothing that the next up
// does not mend. The tests build on each other and run in order.
import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { docker } from "../../components/hosts/docker-cli.ts";
import { allObjects, engineObjects, noObjects } from "./engine-objects.ts";
import { type Finished, TestStack } from "./test-stack.ts";

/** The stand-in's own pauses, shortened: what is looked at here is Pulumi. */
const backendEnv = { STANDIN_BOOT_MS: "500", STANDIN_MIGRATION_MS: "500" };
const backendImage = "atlas-sandbox.invalid/intelloop/atlas-cmms-backend";

let stack: TestStack;

beforeAll(async () => {
  stack = await TestStack.make({ backendEnv });
});
afterAll(async () => {
  await stack.remove();
});

const expectSuccess = ({ code, output }: Finished) => expect(code, output).toBe(0);
const expectFailure = ({ code, output }: Finished, ...told: string[]) => {
  expect(code, output).not.toBe(0);
  for (const text of told) expect(output).toContain(text);
};

describe("before anything is made", () => {
  test("an engine that does not answer is named", async () => {
    const DOCKER_HOST = "unix:///nonexistent/docker.sock";
    const result = await stack.startWith({ DOCKER_HOST }, "up").finished;
    expectFailure(
      result,
      `The Docker engine at DOCKER_HOST=${DOCKER_HOST} does not answer.`,
      "unset DOCKER_HOST",
    );
    expect(await engineObjects(stack.prefix)).toEqual(noObjects);
  });

  test("every configuration fault is told at once, with its key, its value and what mends it", async () => {
    const good = { ...stack.config };
    await stack.setSecret("adminPassword", "too-short-9");
    await stack.setSecret("frontendEnv.API_URL", "https://secret.example/api");
    stack.configure({
      publicUrl: "https://atlas.plant.example/cmms",
      adminEmail: "nobody",
      organization: " ",
      postgresPort: "99999",
      storage: "perhaps",
      images: { postgres: "postgres:latest", database: "postgres:16" },
      memory: { backend: 8 },
      backendEnv: { DB_PWD: "mine", "SMTP-HOST": "mail" },
      rotate: { jwt: "soon" },
      smoke: "sometimes",
      adminMail: "somebody@plant.example",
    });
    const bad = Object.keys(stack.config);
    const result = await stack.up();
    stack.configure({ ...Object.fromEntries(bad.map((key) => [key, undefined])), ...good });

    expectFailure(result, `${faults.length} configuration faults`);
    for (const [key, value, mend] of faults) {
      const told = new RegExp(`^ *${literal(`atlas:${key} = ${value}`.trim())}\n +(.+)\n +mend: (.+)$`, "m");
      expect(result.output).toMatch(told);
      expect(told.exec(result.output)?.[2]).toBe(mend);
    }
    expect(result.output).not.toContain("too-short-9");
    expect(result.output).not.toContain("secret.example");
    expect(result.output).not.toContain("somebody@plant.example");
    expect(await engineObjects(stack.prefix)).toEqual(noObjects);
    expect(await resourceTypes()).toEqual(["pulumi:pulumi:Stack"]);
  });
});

// What is made last comes last, so that each up meets its own obstacle.
describe("in the way of a first up", () => {
  test("a busy port of PostgreSQL is named", async () => {
    const port = Number(stack.config.postgresPort);
    const listener = await listen(port);
    const result = await stack.up();
    await close(listener);
    expectFailure(result, `listen tcp4 127.0.0.1:${port}: bind: address already in use`);
  });

  test("a container of somebody else with the same name is left alone, and the up says whose name is taken", async () => {
    const name = stack.container("ingress");
    const id = (await docker(["create", "--name", name, "atlas-sandbox.invalid/base", "true"])).trim();
    expectFailure(await stack.up(), `The container name "/${name}" is already in use by container "${id}"`);
    expect((await stack.containerIds()).ingress).toBe(id);
    await docker(["rm", id]);
  });

  test("a busy public port is named", async () => {
    const port = Number(new URL(String(stack.config.publicUrl)).port);
    const listener = await listen(port);
    const result = await stack.up();
    await close(listener);
    expectFailure(result, `listen tcp4 127.0.0.1:${port}: bind: address already in use`);
  });

  test("once all of it is out of the way the next up converges", async () => {
    expectSuccess(await stack.up());
    expect((await stack.outputs()).smoke.failed).toBe(0);
    expect(await engineObjects(stack.prefix)).toEqual(allObjects);
  });
});

describe("around a running deployment", () => {
  test("an image that does not exist fails the up, and what runs is not touched", async () => {
    const before = await running();
    stack.configure({ images: { backend: `${backendImage}:v9.9.9-none` } });
    const result = await stack.up();
    stack.configure({ images: undefined });
    expectFailure(result, "Unable to read Docker image into resource", `${backendImage}:v9.9.9-none`);
    expect(await running()).toEqual(before);
    await using client = await stack.client();
    expect((await client.me()).email).toBe(stack.config.adminEmail);
  });

  test("a deployment whose containers were all killed is healed by up --refresh", async () => {
    const names = allObjects.containers.map((service) => stack.container(service));
    await docker(["kill", ...names]);
    expect(await running()).toEqual([]);
    expectSuccess(await stack.up("--refresh"));
    expect((await stack.outputs()).smoke.failed).toBe(0);
    expect(await running()).toHaveLength(names.length);
  });
});

describe("a database that is taken over by a stack that knows none of its passwords", () => {
  test("is refused with the next command where the administrator's password is another", async () => {
    const { adminPassword: before } = await stack.outputs();
    expectSuccess(await stack.down());
    await stack.forget();
    await stack.setSecret("adminPassword", "not the one that Atlas knows");
    expectFailure(
      await stack.up(),
      `${stack.config.adminEmail} cannot sign in to it`,
      "pulumi config set --secret atlas:adminPassword   (the password that works in Atlas), then pulumi up",
    );
    await stack.setSecret("adminPassword", before);
    expectSuccess(await stack.up());
    expect((await stack.outputs()).adminPassword).toBe(before);
  });
});

/** Key, value as shown, command that mends it. */
const faults: [string, string, string][] = [
  [
    "publicUrl",
    "https://atlas.plant.example/cmms",
    "pulumi config set atlas:publicUrl http://localhost:8080",
  ],
  ["adminEmail", "nobody", "pulumi config set atlas:adminEmail you@plant.example"],
  ["adminPassword", "[secret]", "pulumi config set --secret atlas:adminPassword"],
  ["organization", "", "pulumi config set atlas:organization 'My organisation'"],
  ["postgresPort", "99999", "pulumi config set atlas:postgresPort 5433"],
  ["storage", "perhaps", "pulumi config set atlas:storage true"],
  ["images.postgres", "postgres:latest", "pulumi config set --path atlas:images.postgres IMAGE:VERSION"],
  ["images.database", "(a value)", "pulumi config rm --path atlas:images.database"],
  ["memory.backend", "8", "pulumi config set --path atlas:memory.backend 1024"],
  ["backendEnv.DB_PWD", "mine", "pulumi config rm --path atlas:backendEnv.DB_PWD"],
  ["backendEnv.SMTP-HOST", "mail", "pulumi config rm --path atlas:backendEnv.SMTP-HOST"],
  ["frontendEnv.API_URL", "[secret]", "pulumi config rm --path atlas:frontendEnv.API_URL"],
  ["rotate.jwt", "soon", "pulumi config set --path atlas:rotate.jwt 1"],
  ["smoke", "sometimes", "pulumi config set atlas:smoke on-change"],
  ["adminMail", "(a value)", "pulumi config rm atlas:adminMail"],
];

const literal = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

async function resourceTypes(): Promise<string[]> {
  const state = JSON.parse(await stack.pulumi("stack", "export"));
  return state.deployment.resources.map(({ type }: { type: string }) => type);
}

/** Ids of the running containers. */
async function running(): Promise<string[]> {
  const list = await docker(["ps", "-q", "--no-trunc", "--filter", `name=^/${stack.prefix}-`]);
  return list.split("\n").filter(Boolean).sort();
}

const listen = (port: number) =>
  new Promise<Server>((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
const close = (server: Server) => new Promise((resolve) => server.close(resolve));
