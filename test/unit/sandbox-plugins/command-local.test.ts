import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Props } from "../../../sandbox/plugins/bridge/schema.ts";
import { quoted } from "../../../sandbox/plugins/command/go-text.ts";
import { glob } from "../../../sandbox/plugins/command/local/glob.ts";
import { type Plugin, startPlugin } from "./command-plugin.ts";

const TYPE = "local:Command";
let plugin: Plugin;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "command-"));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  plugin = await startPlugin();
});
afterEach(() => plugin.close());

const create = (command: string, more: Props = {}) => plugin.create(TYPE, { create: command, ...more });

describe("a local command", () => {
  it("runs in its folder, with its environment, input and interpreter", async () => {
    const { state } = await create('echo "$(pwd) $A $(cat)"; echo $0 >&2', {
      dir: folder,
      environment: { A: "a" },
      stdin: "in",
      interpreter: ["/bin/sh", "-euc"],
    });
    expect(state).toMatchObject({ stdout: `${folder} a in`, stderr: "/bin/sh" });
  });
  it("takes a mebibyte and need not read it", async () => {
    const stdin = "é".repeat(1 << 19);
    expect((await create("cat", { stdin })).state.stdout).toBe(stdin);
    expect((await create("true", { stdin })).state.stdout).toBe("");
  });
  it.each([
    ["exit 7", {}, 'exit status 7: running "exit 7":\n'],
    ["kill -9 $$", {}, 'signal: killed: running "kill -9 $$":\n'],
    ["x", { dir: "/nowhere" }, 'chdir /nowhere: no such file or directory: running "x":\n'],
    ["x", { interpreter: ["nope-1"] }, 'exec: "nope-1": executable file not found in $PATH: running "x":\n'],
    ["x", { interpreter: ["/nope"] }, 'fork/exec /nope: no such file or directory: running "x":\n'],
    [
      "x",
      { environment: { BIG: "x".repeat(200_000) } },
      'fork/exec /bin/sh: argument list too long: running "x":\n',
    ],
  ])("%j fails in the words of the original", async (command, more, text) => {
    await expect(create(command, more)).rejects.toThrow(
      new RegExp(`^${text.replace(/[$.*+?()|[\]\\]/g, "\\$&")}$`),
    );
  });
  it("ends with all it started when the engine cancels", async () => {
    const running = create("sleep 61 & echo $!; wait");
    const refused = expect(running).rejects.toThrow("signal: killed: running");
    await expect.poll(() => plugin.messages.length).toBe(1);
    await plugin.cancel();
    await refused;
    const started = Number(plugin.messages[0]?.message);
    const alive = () => {
      try {
        return process.kill(started, 0);
      } catch {
        return false;
      }
    };
    await expect.poll(alive).toBe(false);
  });
  it("finds the files that the patterns choose", async () => {
    const root = join(folder, "found");
    mkdirSync(join(root, "assets/logos"), { recursive: true });
    mkdirSync(join(root, "src"));
    for (const file of ["assets/logos/logo.svg", "src/index.js", "src/secret.js"])
      writeFileSync(join(root, file), file);
    const patterns = ["assets/**", "src/**.js", "!**secret.*"];
    const { state } = await create("true", { dir: root, assetPaths: patterns, archivePaths: patterns });
    expect(Object.keys(state.assets as Props)).toEqual(["assets/logos/logo.svg", "src/index.js"]);
    expect((state.assets as Props)["src/index.js"]).toMatchObject({ path: join(root, "src/index.js") });
    expect((state.archive as Props).assets).toEqual(state.assets);
    expect((state.archive as Props).hash).toMatch(/^[0-9a-f]{64}$/);
  });
  it("gives the outputs before to update and delete", async () => {
    const olds = { create: "x", stdout: "o", stderr: "e" };
    const show = 'echo "$PULUMI_COMMAND_STDOUT$PULUMI_COMMAND_STDERR"';
    expect(await plugin.update(TYPE, olds, { create: "exit 1", update: show })).toMatchObject({
      stdout: "oe",
    });
    await expect(plugin.remove(TYPE, { ...olds, delete: `${show}; exit 2` })).rejects.toThrow(/oe\n$/);
    await plugin.remove(TYPE, olds);
  });
});

describe("local.run", () => {
  it("runs and gives its arguments back", async () => {
    const { result } = await plugin.run({ command: "echo hi", environment: { A: "b" } });
    expect(result).toMatchObject({ command: "echo hi", stdout: "hi", stderr: "", environment: { A: "b" } });
    expect(await plugin.run({ commend: "x" })).toMatchObject({
      failures: [
        "Missing required field 'command' on 'local.RunInputs'",
        "Unrecognized field 'commend' on 'local.RunInputs'",
      ],
    });
  });
});

describe("patterns", () => {
  it.each([
    ["*.txt", ["a.txt", ".txt"], ["b/a.txt", "atxt"]],
    ["**/x", ["a/x", "a/b/x"], ["x"]],
    ["a?[b-d][!e].{js,ts}", ["a1bf.js", "a1df.ts"], ["a1ef.js", "a1be.js", "a/bf.js"]],
    ["a\\*(b)+$", ["a*(b)+$"], ["aa(b)+$"]],
  ])("%s", (pattern, matching, others) => {
    for (const path of matching) expect(glob(pattern).test(path), path).toBe(true);
    for (const path of others) expect(glob(pattern).test(path), path).toBe(false);
  });
  it("says what is wrong with one", () => {
    expect(() => glob("a[b")).toThrow("no ]");
    expect(() => glob("a{b")).toThrow("no }");
  });
});

it("quotes as Go does", () => {
  expect(quoted('a "b" \\ \n\t\x07\x01\x7f é 日 \u00a0 \u{e0001} 😀')).toBe(
    '"a \\"b\\" \\\\ \\n\\t\\a\\x01\\x7f é 日 \\u00a0 \\U000e0001 😀"',
  );
});
