import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { freePort } from "../../../sandbox/free-port.ts";
import { FakeCommands } from "./fake-commands.ts";
import { inPlainNode } from "./plain-node.ts";

const noEngine = `echo "Cannot connect to the Docker daemon at $2. Is the docker daemon running?" >&2; exit 1`;

const types = ["GeneratedSecret", "Bootstrap", "Smoke", "Machine"] as const;
let texts: Record<string, string> = {};
beforeAll(async () => {
  texts = z.record(z.string(), z.string()).parse(await inPlainNode("provider-texts.ts", {}));
});
const textOf = (type: (typeof types)[number]) => {
  const text = texts[`pulumi-nodejs:dynamic/atlas:${type}`];
  if (text === undefined) throw new Error(`${type} is not among ${Object.keys(texts)}`);
  return text;
};

const outcomes = z.array(
  z.union([
    z
      .strictObject({ result: z.record(z.string(), z.unknown()) })
      .transform(({ result }) => ({ result, error: "" })),
    z.strictObject({ error: z.string() }).transform(({ error }) => ({ result: {}, error })),
  ]),
);
async function call(type: (typeof types)[number], ...calls: { news: unknown; olds?: unknown }[]) {
  await using fake = await FakeCommands.of({ docker: noEngine });
  const env = { ...process.env, PATH: fake.searchPath };
  return outcomes.parse(await inPlainNode("call-provider.ts", { text: textOf(type), calls }, env));
}

describe.each(types)("the text that %s leaves in the state", (type) => {
  test("is a few lines", () => {
    expect(Buffer.byteLength(textOf(type))).toBeLessThan(1536);
  });

  test("names its module from the project's root, no path of this machine, no secret", () => {
    const text = textOf(type);
    expect(text).toMatch(/"components(\/[a-z-]+)+\.ts"/);
    expect(text).not.toContain(process.cwd());
    expect(text).not.toMatch(/["'`]\/\w|file:|node_modules/);
    expect(text).not.toContain("canary");
  });

  // A machine is put to rest at its end: its text has one method more.
  test.skipIf(type === "Machine")("is the same for each resource but for the module", () => {
    const neutral = (text: string) => text.replaceAll(/"components\/[^"]+"/g, "MODULE");
    expect(neutral(textOf(type))).toBe(neutral(textOf("GeneratedSecret")));
  });
});

describe("evaluated as the engine's plugin does it", () => {
  test("GeneratedSecret makes, keeps and renews a value", async () => {
    const asked = { form: "text", length: 24, rotation: 0, __provider: "old text" };
    const olds = { form: "text", length: 24, rotation: 0, value: "kept" };
    const [made, kept, renewed] = await call(
      "GeneratedSecret",
      { news: asked },
      { news: { ...asked, __provider: "new text" }, olds },
      { news: { ...asked, rotation: 1 }, olds },
    );
    expect(made?.result).toMatchObject({
      id: "generated",
      outs: { value: expect.stringMatching(/^\w{24}$/) },
    });
    expect(kept?.result).toEqual({ outs: olds });
    expect(renewed?.result).toEqual({
      outs: { ...olds, rotation: 1, value: expect.stringMatching(/^\w{24}$/) },
    });
  });

  const engine = "unix:///nowhere/docker.sock";
  const unreachable = /docker ps.*: Cannot connect to the Docker daemon at unix:\/\/\/nowhere\/docker\.sock/;

  test("Bootstrap says that it does not reach the engine, and is done with it", async () => {
    const news = {
      adminEmail: "admin@plant.example",
      adminPassword: "canary-admin-1",
      superAdminPassword: "canary-super-2",
      organization: "Plant",
      backend: "atlas-test-backend",
      postgres: "atlas-test-postgres",
      ingress: "atlas-test-ingress",
      databaseId: "1",
      engine,
    };
    for (const { error } of await call("Bootstrap", { news }, { news, olds: news })) {
      expect(error).toMatch(unreachable);
      expect(error).not.toContain("canary");
    }
  });

  test("Smoke says which check failed, and why", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const news = {
      url,
      apiUrl: `${url}/api`,
      adminEmail: "admin@plant.example",
      adminPassword: "canary-admin-1",
      containers: { backend: "atlas-test-backend" },
      postgresPort: 0,
      revision: "r",
      containerIds: [],
      engine,
    };
    for (const { error } of await call("Smoke", { news }, { news, olds: news })) {
      expect(error).toMatch(unreachable);
      expect(error).toMatch(/^smoke check failed at http:\/\/127\.0\.0\.1:\d+: Atlas has started\n/);
      expect(error).not.toContain("canary");
    }
  });

  test("a module refuses an input that is none", async () => {
    const [outcome] = await call("Smoke", { news: { apiUrl: "not a URL", containers: {} } });
    expect(outcome?.error).toMatch(/baseUrl/);
  });
});
