import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Props } from "../../../sandbox/plugins/bridge/schema.ts";
import { assetArchive, fileAsset } from "../../../sandbox/plugins/command/values.ts";
import { type Plugin, startPlugin } from "./command-plugin.ts";
import { type Sshd, startSshd, userKey } from "./command-sshd.ts";

const TYPE = "remote:CopyToRemote";
let plugin: Plugin;
let sshd: Sshd;
let root: string;
let local: string;
let remote: string;

beforeAll(async () => {
  delete process.env.SSH_AUTH_SOCK;
  plugin = await startPlugin();
  sshd = await startSshd();
});
afterAll(async () => {
  plugin.close();
  await sshd.close();
});
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "copy-"));
  local = join(root, "local");
  remote = join(root, "remote");
  mkdirSync(join(local, "one/two"), { recursive: true });
  mkdirSync(remote);
  writeFileSync(join(local, "file"), "content");
  writeFileSync(join(local, "one/two/deep"), "deep");
});
afterEach(() => rmSync(root, { recursive: true }));

const connection = () => ({
  host: "127.0.0.1",
  port: sshd.port,
  privateKey: userKey.private,
  dialErrorLimit: 0,
});
const copy = (source: Props, remotePath: string) =>
  plugin.create(TYPE, { connection: connection(), source, remotePath });
const text = (content: string): Props => ({ ...fileAsset("", "t"), text: content });
const folder = (path: string): Props => {
  const { assets: _, ...archive } = assetArchive({}, "h");
  return { ...archive, path };
};
const at = (...parts: string[]) => join(remote, ...parts);
const content = (...parts: string[]) => readFileSync(at(...parts), "utf8");

describe("CopyToRemote", () => {
  it("copies a file to a path, over a file, and into a folder", async () => {
    const source = fileAsset(join(local, "file"), "h");
    const { id, state } = await copy(source, at("new/parents/name"));
    expect(id).toMatch(/^[0-9a-f]{8}$/);
    expect(state).toEqual({ connection: connection(), source, remotePath: at("new/parents/name") });
    expect(content("new/parents/name")).toBe("content");
    writeFileSync(at("old"), "something longer than the content");
    await copy(source, at("old"));
    expect(content("old")).toBe("content");
    await copy(source, remote);
    expect(content("file")).toBe("content");
  });
  it("copies many bytes as they are", async () => {
    const bytes = randomBytes(3_000_001);
    writeFileSync(join(local, "big"), bytes);
    await copy(fileAsset(join(local, "big"), "h"), at("big"));
    const hash = (data: Buffer) => createHash("sha256").update(data).digest("hex");
    expect(hash(readFileSync(at("big")))).toBe(hash(bytes));
  });
  it("copies a folder into the folder, or with a slash its content", async () => {
    await copy(folder(local), at("a/b"));
    expect(content("a/b/local/one/two/deep")).toBe("deep");
    await copy(folder(`${local}/`), at("c"));
    expect(content("c/one/two/deep")).toBe("deep");
    writeFileSync(at("taken"), "");
    await expect(copy(folder(local), at("taken"))).rejects.toThrow(
      `remote path ${at("taken")} exists but is not a directory`,
    );
  });
  it("writes text, which needs a name", async () => {
    await copy(text("é\n"), at("t/x"));
    expect(content("t/x")).toBe("é\n");
    await copy(text(""), at("t/x"));
    expect(content("t/x")).toBe("");
    await expect(copy(text("x"), remote)).rejects.toThrow(
      `remote path ${remote} is a directory; when using a text asset, remotePath must be a file path`,
    );
  });
  it("says what is missing or in the way", async () => {
    const absent = join(local, "absent");
    await expect(copy(fileAsset(absent, "h"), at("x"))).rejects.toThrow(
      `open ${absent}: no such file or directory`,
    );
    writeFileSync(at("file"), "");
    await expect(copy(text("x"), at("file/x"))).rejects.toThrow(`mkdir ${at("file")}: not a directory`);
  });
  it("makes the same parents as another copy at the same time", async () => {
    const names = ["1", "2", "3", "4"];
    await Promise.all(names.map((name) => copy(text(name), at("x/y/z", name))));
    expect(names.map((name) => content("x/y/z", name))).toEqual(names);
  });
  it("copies again when content or path changed, and not for the connection", async () => {
    const source = fileAsset(join(local, "file"), "1");
    const { state } = await copy(source, at("f"));
    writeFileSync(join(local, "file"), "changed");
    const before = sshd.connections;
    const moved = { ...connection(), perDialTimeout: 5 };
    expect(await plugin.update(TYPE, state, { ...state, connection: moved })).toMatchObject({
      connection: moved,
    });
    expect(sshd.connections).toBe(before);
    await plugin.update(TYPE, state, { ...state, source: fileAsset(join(local, "file"), "2") });
    expect(content("f")).toBe("changed");
    await plugin.update(TYPE, state, { ...state, remotePath: at("g") });
    expect(content("g")).toBe("changed");
  });
  it("leaves what it copied", async () => {
    const { state } = await copy(text("x"), at("x"));
    await plugin.remove(TYPE, state);
    expect(existsSync(at("x"))).toBe(true);
  });
});

describe("CopyFile", () => {
  it("copies to exactly the path it is given", async () => {
    const make = (localPath: string, remotePath: string) =>
      plugin.create("remote:CopyFile", { connection: connection(), localPath, remotePath });
    await make(join(local, "file"), at("f"));
    expect(content("f")).toBe("content");
    await expect(make(join(local, "file"), at("no/f"))).rejects.toThrow(
      `failed to create remote file ${at("no/f")}: file does not exist`,
    );
    await expect(make(join(local, "no"), at("f"))).rejects.toThrow("no such file or directory");
  });
});
