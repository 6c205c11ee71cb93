import { afterEach, describe, expect, test, vi } from "vitest";
import { DockerError, docker } from "../../../components/hosts/docker-cli.ts";
import { FakeCommands } from "./fake-commands.ts";

let fake: FakeCommands | undefined;
afterEach(async () => {
  vi.unstubAllEnvs();
  await fake?.[Symbol.asyncDispose]();
});

/** Puts a docker command of the test's own on PATH. */
async function withDocker(script: string): Promise<void> {
  fake = await FakeCommands.of({ docker: script });
  vi.stubEnv("PATH", fake.searchPath);
}
async function errorOf(command: Promise<string>): Promise<DockerError> {
  const error = await command.catch((cause: unknown) => cause);
  if (error instanceof DockerError) return error;
  throw new Error(`no DockerError: ${error}`);
}

test("the output comes back whole", async () => {
  await withDocker(`echo "$#: $*"; echo noise >&2; head -c 300000 /dev/zero | tr '\\0' x`);
  expect(await docker(["ps", "-a b"])).toBe(`2: ps -a b\n${"x".repeat(300_000)}`);
});

test("an engine of one's own comes before the command", async () => {
  await withDocker(`echo "$@"`);
  expect(await docker(["ps"], { host: "unix:///x.sock" })).toBe("--host unix:///x.sock ps\n");
  expect(await docker(["ps"], { host: undefined })).toBe("ps\n");
});

test("logs come in the order in which they were written", async () => {
  await withDocker(`echo one; sleep 0.05; echo two >&2; sleep 0.05; echo three`);
  expect(await docker(["logs"], { bothOutputs: true })).toBe("one\ntwo\nthree\n");
});

test("input goes in, also to a command that does not read it", async () => {
  await withDocker("cat");
  expect(await docker(["exec"], { input: "a secret" })).toBe("a secret");
  await fake?.[Symbol.asyncDispose]();
  await withDocker("exec 0<&-; echo done");
  expect(await docker(["exec"], { input: "x".repeat(1_000_000) })).toBe("done\n");
});

describe("a failure says what docker said", () => {
  test("on its error output", async () => {
    await withDocker(`echo "Error: No such container: x" >&2; exit 1`);
    expect((await errorOf(docker(["inspect", "x", "y"]))).message).toBe(
      "docker inspect x: Error: No such container: x",
    );
  });

  test("or its exit code where it said nothing", async () => {
    await withDocker("exit 7");
    expect((await errorOf(docker(["ps"]))).message).toBe("docker ps: exit code 7");
  });

  test("or that it took too long", async () => {
    await withDocker("exec sleep 30");
    expect((await errorOf(docker(["exec", "x"], { timeoutMs: 200 }))).message).toBe(
      "docker exec x: gave no answer within 0.2 s",
    );
  });

  test("or that it is not there", async () => {
    vi.stubEnv("PATH", "/nowhere");
    expect((await errorOf(docker(["ps"]))).message).toBe("docker ps: the docker command is not installed");
  });
});
