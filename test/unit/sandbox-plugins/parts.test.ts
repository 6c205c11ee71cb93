import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { waitForState } from "../../../sandbox/plugins/bridge/waiting.ts";
import { uploadArchive } from "../../../sandbox/plugins/docker/container/uploads.ts";
import { unframed } from "../../../sandbox/plugins/docker/container/watch.ts";
import { durationText, nanoseconds } from "../../../sandbox/plugins/docker/durations.ts";
import { connect, messageOf, withEnvironment } from "../../../sandbox/plugins/docker/engine.ts";
import { repoDigestOf } from "../../../sandbox/plugins/docker/images.ts";
import { networkBody } from "../../../sandbox/plugins/docker/network.ts";
import { installPlugins } from "../../../sandbox/plugins/install.ts";

const folder = mkdtempSync(join(tmpdir(), "stand-in-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("durations", () => {
  it.each([
    ["0s", 0],
    ["500ms", 5e8],
    ["10s", 10e9],
    ["1m30s", 90e9],
    ["1h0m0s", 3600e9],
  ])("%s is %d ns, and back", (text, nanos) => {
    expect(nanoseconds(text)).toBe(nanos);
    expect(durationText(nanos)).toBe(text);
  });
});

describe("uploads", () => {
  const listed = (archive: Buffer) =>
    execFileSync("tar", ["-tvf", "-", "--numeric-owner"], { input: archive, encoding: "utf8" });
  const content = (archive: Buffer) =>
    execFileSync("tar", ["-xOf", "-"], { input: archive, encoding: "utf8" });

  it("become an archive that tar reads", async () => {
    const archive = await uploadArchive({ file: "/etc/app/a.conf", content: "grüße\n", permissions: "0600" });
    expect(listed(archive)).toMatch(/^-rw------- 0\/0 +8 .* etc\/app\/a\.conf\n$/);
    expect(content(archive)).toBe("grüße\n");
  });

  it("take base64, long paths, the executable flag and an owner", async () => {
    const file = `/${"folder/".repeat(20)}${"f".repeat(40)}`;
    const contentBase64 = Buffer.from("#!").toString("base64");
    const archive = await uploadArchive({
      file,
      contentBase64,
      executable: true,
      owner: "999",
      group: "998",
    });
    expect(listed(archive)).toMatch(/^-rwxr--r-- 999\/998 /);
    expect(listed(archive)).toContain(file.slice(1));
    expect(content(archive)).toBe("#!");
  });

  it("need exactly one source", async () => {
    await expect(uploadArchive({ file: "/a", content: "" })).rejects.toThrow(
      "error with upload content: one of 'content', 'content_base64', or 'source' must be set",
    );
    await expect(uploadArchive({ file: "/a", content: "a", contentBase64: "YQ==" })).rejects.toThrow(
      "error with upload content: only one of",
    );
    await expect(uploadArchive({ file: "/a", source: "/no/such" })).rejects.toThrow(
      "could not read file: open /no/such: no such file or directory",
    );
  });
});

describe("waiting", () => {
  const quick = { delay: 1, interval: 10, timeout: 40 };
  const never = new AbortController().signal;

  it("ends with the wanted state", async () => {
    const states = ["in_use", "in_use", "removed"];
    await waitForState("removed", async () => states.shift() ?? "", quick, never);
    expect(states).toEqual([]);
  });

  it("gives up with the last state", async () => {
    const waiting = waitForState("removed", async () => "in_use", { ...quick, timeout: 30 }, never);
    await expect(waiting).rejects.toThrow(
      "timeout while waiting for state to become 'removed' (last state: 'in_use', timeout: 30ms)",
    );
  });

  it("ends at a state that leads nowhere, where it is told which ones lead on", async () => {
    const states = ["", "in_use", "broken"];
    const waiting = waitForState("removed", async () => states.shift() ?? "", quick, never, ["in_use"]);
    await expect(waiting).rejects.toThrow("unexpected state 'broken', wanted target 'removed'");
  });
});

describe("the engine's words", () => {
  it("are the Go client's", () => {
    const error = Object.assign(new Error("(HTTP code 404) no such container - No such container: a "), {
      statusCode: 404,
      reason: "no such container",
      json: { message: "No such container: a" },
    });
    expect(messageOf(error)).toBe("Error response from daemon: No such container: a");
    expect(messageOf(Object.assign(error, { json: null }))).toBe(
      "Error response from daemon: No such container: a",
    );
    expect(messageOf(new Error("connect ENOENT"))).toBe("connect ENOENT");
  });

  it("for a daemon that is not there fail the configuration", async () => {
    await expect(connect({ host: "unix:///no/such.sock" })).rejects.toThrow(
      "docker native provider returned an unexpected error from Configure: failed to connect to any docker daemon",
    );
    await expect(
      connect({ host: "unix:///no/such.sock", disableDockerDaemonCheck: "true" }),
    ).resolves.toBeDefined();
    await expect(connect({ host: "ssh://nobody@127.0.0.1:1" })).resolves.toBeDefined();
  });
});

describe("the parts", () => {
  it("take the daemon's address from the environment unless the program gives one", () => {
    const environment = { DOCKER_HOST: "tcp://10.0.0.1:2375" };
    expect(withEnvironment({}, environment)).toEqual({ host: "tcp://10.0.0.1:2375" });
    expect(withEnvironment({ host: "unix:///a" }, environment)).toEqual({ host: "unix:///a" });
    expect(withEnvironment({}, {})).toEqual({});
  });

  it("unframe logs", () => {
    const frame = (stream: number, text: string) => {
      const head = Buffer.alloc(8);
      head.writeUInt8(stream, 0);
      head.writeUInt32BE(text.length, 4);
      return Buffer.concat([head, Buffer.from(text)]);
    };
    expect(unframed(Buffer.concat([frame(1, "out\n"), frame(2, "err\n")]))).toBe("out\nerr\n");
  });

  it("find a registry's digest, and none for a local image", () => {
    const image = { RepoDigests: ["other@sha256:1", "postgres@sha256:2"] } as Parameters<
      typeof repoDigestOf
    >[1];
    expect(repoDigestOf("postgres:16", image)).toBe("postgres@sha256:2");
    expect(repoDigestOf("mirror:5000/postgres:16", image)).toBe("");
  });

  it("ask for a network that must be new", () => {
    expect(networkBody({ name: "n", internal: true, ipamDriver: "default" })).toEqual({
      Name: "n",
      CheckDuplicate: true,
      Internal: true,
      IPAM: { Driver: "default" },
    });
  });
});

describe("the installation", () => {
  it("puts a wrapper where the CLI looks, of the SDK's version", () => {
    installPlugins(folder, process.execPath);
    const sdk = new URL("../../../node_modules/@pulumi/docker/package.json", import.meta.url);
    const { version } = JSON.parse(readFileSync(sdk, "utf8"));
    const wrapper = join(folder, "plugins", `resource-docker-v${version}`, "pulumi-resource-docker");
    expect(statSync(wrapper).mode & 0o777).toBe(0o755);
    const script = readFileSync(wrapper, "utf8");
    expect(script).toContain(`exec '${process.execPath}' '`);
    expect(script).toContain('sandbox/plugins/docker/main.ts\' "$@"');
  });
});
