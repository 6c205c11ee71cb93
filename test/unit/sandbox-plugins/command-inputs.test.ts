import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Props } from "../../../sandbox/plugins/bridge/schema.ts";
import { UNKNOWN } from "../../../sandbox/plugins/bridge/values.ts";
import { packageSchema } from "../../../sandbox/plugins/command/package-schema.ts";
import {
  assetArchive,
  fileAsset,
  isSecret,
  reveal,
  secret,
} from "../../../sandbox/plugins/command/values.ts";
import { type Plugin, startPlugin } from "./command-plugin.ts";

let plugin: Plugin;
beforeAll(async () => {
  plugin = await startPlugin();
});
afterAll(() => plugin.close());

describe("check", () => {
  it("fills in defaults, makes the connection a secret and notes nothing", async () => {
    const { inputs, failures } = await plugin.check("remote:Command", {
      connection: { host: "h", proxy: { host: "p", port: 2 } },
      stdin: secret("s"),
      logging: null,
    });
    expect(failures).toEqual([]);
    const defaults = { user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 };
    expect(isSecret(inputs.connection)).toBe(true);
    expect(inputs.stdin).toEqual(secret("s"));
    expect(reveal(inputs)).toEqual({
      addPreviousOutputInEnv: true,
      connection: { ...defaults, host: "h", proxy: { ...defaults, host: "p", port: 2 } },
      stdin: "s",
    });
  });
  it("takes what is not known yet", async () => {
    const { inputs, failures } = await plugin.check("remote:Command", {
      connection: secret(UNKNOWN),
      environment: { A: UNKNOWN },
      triggers: [UNKNOWN, 1, { any: true }],
    });
    expect(failures).toEqual([]);
    expect(inputs.connection).toEqual(secret(UNKNOWN));
  });
  it.each<[string, Props, string[]]>([
    ["remote:Command", {}, ["connection: Missing required field 'connection' on 'remote.CommandInputs'"]],
    [
      "remote:Command",
      { connection: secret({ prot: 1 }) },
      [
        "connection: An error occurred decoding 'CommandInputs.connection': 2 failures decoding:" +
          "\n\thost: Missing required field 'host' on 'remote.Connection'" +
          "\n\tprot: Unrecognized field 'prot' on 'remote.Connection'",
      ],
    ],
    [
      "remote:Command",
      { connection: { host: "h", port: "22" } },
      [
        "connection: An error occurred decoding 'CommandInputs.connection': 1 failures decoding:" +
          "\n\tport: Field 'port' on 'remote.Connection' must be a 'float64'; got 'string' instead",
      ],
    ],
    [
      "local:Command",
      { create: 1, creates: "x", environment: { A: true }, interpreter: ["sh", 2], stdin: {} },
      [
        "create: Field 'create' on 'local.CommandInputs' must be a 'string'; got 'float64' instead",
        "stdin: An error occurred decoding 'CommandInputs.stdin': Cannot decode Object{} to type string; " +
          "it isn't a struct, and no custom decoder exists",
        "environment: Field 'environment[A] value' on 'local.CommandInputs' must be a 'string'; got 'bool' instead",
        "interpreter: Field 'interpreter[1]' on 'local.CommandInputs' must be a 'string'; got 'float64' instead",
        "creates: Unrecognized field 'creates' on 'local.CommandInputs'",
      ],
    ],
    [
      "local:Command",
      { triggers: "x" },
      [
        "triggers: Field 'triggers' on 'local.CommandInputs' must be a '[]interface {}'; got 'string' instead",
      ],
    ],
    [
      "remote:CopyToRemote",
      { connection: { host: "h" }, remotePath: "/r", source: "x" },
      ["asset: either asset or archive must be set"],
    ],
    [
      "remote:CopyToRemote",
      { connection: { host: "h" }, remotePath: "/r", source: { ...fileAsset("", "h"), uri: "file:///x" } },
      ["asset: asset must be a path-based file asset or a text asset"],
    ],
    [
      "remote:CopyToRemote",
      { connection: { host: "h" }, remotePath: "/r", source: assetArchive({}, "h") },
      ["archive: archive must be a path to a file or directory"],
    ],
  ])("%s: %j fails", async (type, news, failures) => {
    expect((await plugin.check(type, news)).failures).toEqual(
      failures.map((text) =>
        text.replace(
          /^(environment|interpreter):/,
          (_, key) => `${key === "environment" ? "environment[A] value" : "interpreter[1]"}:`,
        ),
      ),
    );
  });
});

describe("diff", () => {
  const connection = secret({ host: "h", port: 22 });
  const olds: Props = {
    connection,
    create: "c",
    environment: { A: "1", B: "2" },
    triggers: ["t", { deep: 1 }],
    addPreviousOutputInEnv: true,
    stdout: "out",
    stderr: "",
  };
  const { stdout: _out, stderr: _err, ...same } = olds;

  it.each<[string, Props, Record<string, string>, string[]]>([
    ["nothing", {}, {}, []],
    [
      "the connection, as a whole",
      { connection: secret({ host: "i", port: 22 }) },
      { connection: "UPDATE" },
      [],
    ],
    ["the order inside a secret", { connection: secret({ port: 22, host: "h" }) }, {}, []],
    ["secrecy alone", { create: secret("c") }, { create: "UPDATE" }, []],
    ["create", { create: "d" }, { create: "UPDATE" }, []],
    ["update, added", { update: "u" }, { update: "ADD" }, []],
    ["delete and stdin, added", { delete: "d", stdin: "" }, { delete: "ADD", stdin: "ADD" }, []],
    ["create, removed", { create: null }, { create: "DELETE" }, []],
    [
      "single variables",
      { environment: { A: "2", C: "3" } },
      { "environment.A": "UPDATE", "environment.B": "DELETE", "environment.C": "ADD" },
      [],
    ],
    ["a trigger", { triggers: ["u", { deep: 1 }] }, { "triggers[0]": "UPDATE_REPLACE" }, ["triggers"]],
    [
      "a trigger, deep",
      { triggers: ["t", { deep: 2 }] },
      { "triggers[1].deep": "UPDATE_REPLACE" },
      ["triggers"],
    ],
    ["a trigger more", { triggers: ["t", { deep: 1 }, 3] }, { "triggers[2]": "ADD_REPLACE" }, ["triggers"]],
    ["a trigger less", { triggers: ["t"] }, { "triggers[1]": "DELETE_REPLACE" }, ["triggers"]],
    ["no triggers", { triggers: null }, { triggers: "DELETE_REPLACE" }, ["triggers"]],
    [
      "a trigger not known",
      { triggers: [UNKNOWN, { deep: 1 }] },
      { "triggers[0]": "UPDATE_REPLACE" },
      ["triggers"],
    ],
    [
      "logging and a trigger",
      { logging: "none", triggers: [] },
      {
        logging: "ADD",
        "triggers[0]": "DELETE_REPLACE",
        "triggers[1]": "DELETE_REPLACE",
      },
      ["triggers"],
    ],
  ])("%s", async (_, change, detailed, replaces) => {
    const changes = Object.keys(detailed).length > 0;
    expect(await plugin.diff("remote:Command", olds, { ...same, ...change })).toEqual({
      changes,
      detailed,
      replaces,
    });
  });
  it("leaves out what is ignored", async () => {
    const news = { ...same, create: "d", stdin: "new" };
    const { detailed } = await plugin.diff("remote:Command", olds, news, ["create"]);
    expect(detailed).toEqual({ stdin: "ADD" });
  });
  it("compares files by their content", async () => {
    const copy = { connection, remotePath: "/r" };
    const diff = (old: Props, now: Props) =>
      plugin.diff("remote:CopyToRemote", { ...copy, source: old }, { ...copy, source: now });
    expect((await diff(fileAsset("a", "1"), fileAsset("b", "1"))).changes).toBe(false);
    expect((await diff(fileAsset("a", "1"), fileAsset("a", "2"))).detailed).toEqual({ source: "UPDATE" });
    expect((await diff(fileAsset("a", "1"), assetArchive({}, "1"))).detailed).toEqual({ source: "UPDATE" });
  });
  it("replaces a CopyFile for anything", async () => {
    const file = { connection, localPath: "a", remotePath: "b" };
    expect(await plugin.diff("remote:CopyFile", file, { ...file, remotePath: "c" })).toMatchObject({
      detailed: { remotePath: "UPDATE_REPLACE" },
      replaces: ["remotePath"],
    });
  });
});

describe("preview", () => {
  it("knows the inputs and not what a command will print", async () => {
    const inputs = { connection: secret({ host: "nowhere.invalid" }), create: "c" };
    const planned = await plugin.create("remote:Command", inputs, { preview: true });
    expect(planned).toEqual({ id: "", state: { ...inputs, stdout: UNKNOWN, stderr: UNKNOWN } });
    const olds = { ...inputs, stdout: "o", stderr: "e" };
    expect(await plugin.update("remote:Command", olds, { ...inputs, create: "d" }, true)).toEqual({
      ...inputs,
      create: "d",
      stdout: UNKNOWN,
      stderr: UNKNOWN,
    });
  });
});

it("describes every type it offers", () => {
  const schema = packageSchema("1.2.1");
  expect(Object.keys(schema.resources)).toEqual([
    "command:local:Command",
    "command:remote:Command",
    "command:remote:CopyToRemote",
    "command:remote:CopyFile",
  ]);
  const references = [...JSON.stringify(schema).matchAll(/"#\/types\/([^"]+)"/g)].map(([, token]) => token);
  for (const token of references) expect(schema.types).toHaveProperty([String(token)]);
});
