// What goes wrong before and around a deployment: each fault has a clear message and leaves nothing that the next up
// does not mend. The tests build on each other and run in order.
import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AtlasAuthError, AtlasClient } from "../../client/index.ts";
import { docker } from "../../components/hosts/docker-cli.ts";
import { allObjects, engineObjects, noObjects } from "./engine-objects.ts";
import { type Finished, TestStack } from "./test-stack.ts";

/** The stand-in's own pauses, shortened: what is looked at here is Pulumi. */
const backendEnv = { STANDIN_BOOT_MS: "500", STANDIN_MIGRATION_MS: "500" };

let stack: TestStack;
const expectSuccess = ({ code, output }: Finished) => expect(code, output).toBe(0);

beforeAll(async () => {
  stack = await TestStack.make({ backendEnv });
});
afterAll(async () => {
  await stack.remove();
});

describe("before anything is made", () => {
  test("an engine that does not answer is named", async () => {
    const DOCKER_HOST = "unix:///nonexistent/docker.sock";
    const { code, output } = await stack.startWith({ DOCKER_HOST }, "up").finished;
    expect(code).not.toBe(0);
    expect(output).toContain(`The Docker engine at DOCKER_HOST=${DOCKER_HOST} does not answer.`);
    expect(output).toContain("unset DOCKER_HOST");
    expect(await engineObjects(stack.prefix)).toEqual(noObjects);
  });

  test("every configuration fault is told at once, with its key, its value and what mends it", async () => {
    const good = { ...stack.config };
    const secret = "too-short-9";
    await stack.setSecret("adminPassword", secret);
    await stack.setSecret("frontendEnv.API_URL", "https://secret.example/api");
    stack.configure({
      publicUrl: "https://atlas.plant.example/cmms",
      adminEmail: "nobody",
      postgresPort: "99999",
      storage: "perhaps",
      smoke: "sometimes",
      organization: " ",
      namePrefix: "Atlas_1",
      imageMirror: "https://mirror.example/",
      images: { postgres: "postgres:latest", database: "postgres:16" },
      memory: { backend: 8 },
      rotate: { jwt: "soon" },
      backendEnv: { DB_PWD: "mine", "SMTP-HOST": "mail" },
      adminMail: "somebody@plant.example",
    });
    const { code, output } = await stack.up();
    stack.configure({ ...good, adminPassword: undefined, frontendEnv: undefined, organization: undefined });
    stack.configure({ smoke: undefined, namePrefix: undefined, imageMirror: undefined, images: undefined });
    stack.configure({ memory: undefined, rotate: undefined, adminMail: undefined });

    expect(code).not.toBe(0);
    const told = faultsIn(output);
    expect(told).toEqual(expectedFaults);
    expect(output).toContain(`${expectedFaults.length} configuration faults`);
    expect(output).not.toContain(secret);
    expect(output).not.toContain("secret.example");
    expect(await engineObjects(stack.prefix)).toEqual(noObjects);
  });
});
