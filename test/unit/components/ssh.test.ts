import { createServer } from "node:net";
import type { ServerChannel } from "ssh2";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DockerError, docker, dockerStream } from "../../../components/hosts/docker-cli.ts";
import { openChannel, runOverSsh, SshError } from "../../../components/hosts/ssh.ts";
import { freePort } from "../../../sandbox/free-port.ts";
import { portOf, until } from "./fake-commands.ts";
import { inPlainNode } from "./plain-node.ts";
import { redirectPorts } from "./redirected-ports.ts";
import { exit, newKey, publicLine, SshMachine } from "./ssh-machine.ts";

let machine: SshMachine;
beforeEach(async () => {
  machine = await SshMachine.start();
});
afterEach(() => machine[Symbol.asyncDispose]());

async function errorOf(call: Promise<unknown>): Promise<SshError> {
  const error = await call.catch((cause: unknown) => cause);
  if (error instanceof SshError) return error;
  throw new Error(`no SshError: ${error}`);
}

/** Gives back what came in. */
function echo(channel: ServerChannel): void {
  channel.on("data", (chunk: Buffer) => channel.write(chunk));
  channel.on("end", () => exit(channel, 0));
}
/** Never answers. */
const silence = (channel: ServerChannel) => void channel.resume();

describe("a command", () => {
  test("comes back with its exit code and both outputs", async () => {
    machine.answer = (channel) => {
      channel.stderr.write("careful\n");
      exit(channel, 3, "done\n");
    };
    const { code, stdout, stderr, output } = await runOverSsh(machine.target, "do 'it'");
    expect({ code, stdout: `${stdout}`, stderr: `${stderr}` }).toEqual({
      code: 3,
      stdout: "done\n",
      stderr: "careful\n",
    });
    expect(`${output}`.split("\n").toSorted()).toEqual(["", "careful", "done"]);
    expect(machine.commands).toEqual(["do 'it'"]);
  });

  test("gets a mebibyte of input and gives it back", async () => {
    machine.answer = echo;
    const input = "0123456789abcdef".repeat(65_536);
    expect(`${(await runOverSsh(machine.target, "cat", { input })).stdout}` === input).toBe(true);
  });

  test("may write any bytes", async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 256));
    machine.answer = (channel) => {
      channel.write(bytes);
      exit(channel, 0);
    };
    expect((await runOverSsh(machine.target, "head")).stdout.equals(bytes)).toBe(true);
  });

  test("that ends without reading its input still tells its exit code", async () => {
    machine.answer = (channel) => exit(channel, 7);
    expect((await runOverSsh(machine.target, "false", { input: "x".repeat(1_000_000) })).code).toBe(7);
  });

  test("that is killed has no exit code: nobody knows what it has done", async () => {
    machine.answer = (channel) => {
      channel.exit("KILL");
      channel.end();
    };
    expect((await errorOf(runOverSsh(machine.target, "sleep 9"))).message).toBe(
      "the connection to 127.0.0.1 broke off",
    );
  });
});

describe("the machine", () => {
  test("is trusted for one of several keys", async () => {
    const hostKeys = [publicLine(newKey()), ...machine.target.hostKeys];
    expect((await runOverSsh({ ...machine.target, hostKeys }, "true")).code).toBe(0);
  });

  test("may have a comment behind its key", async () => {
    const hostKeys = machine.target.hostKeys.map((line) => `${line} root@atlas`);
    expect((await runOverSsh({ ...machine.target, hostKeys }, "true")).code).toBe(0);
  });

  test("with another key gets nothing at all, and waiting does not help", async () => {
    const expected = publicLine(newKey());
    const error = await errorOf(
      runOverSsh({ ...machine.target, hostKeys: [expected] }, "cat", { input: "canary" }),
    );
    expect(error.final).toBe(true);
    expect(error.message).toContain("shows another host key than the one this deployment gave");
    expect(error.message).toContain(`expected: ${expected}\n  shown:    ${publicLine(machine.hostKey)}\n`);
    expect(machine.commands).toEqual([]);
  });

  test("that changes its key between two connections is refused", async () => {
    await runOverSsh(machine.target, "true");
    const { target } = machine;
    machine.hangUp();
    await until(() => machine.connections.size === 0, "the connection is closed");
    machine.hostKey = newKey();
    expect((await errorOf(runOverSsh(target, "true"))).final).toBe(true);
  });

  test("that does not know our key may still be booting", async () => {
    const error = await errorOf(runOverSsh({ ...machine.target, privateKey: newKey() }, "true"));
    expect(error.message).toBe("127.0.0.1 does not accept this deployment's key for root");
    expect(error.final).toBe(false);
  });

  test("where nothing listens may still be booting", async () => {
    using _ = redirectPorts({ 22: await freePort() });
    const error = await errorOf(runOverSsh(machine.target, "true"));
    expect(error.message).toMatch(/^127\.0\.0\.1 port 22: .*ECONNREFUSED/);
    expect(error.final).toBe(false);
  });
});

describe("the time-out", () => {
  test("ends a command that does not", async () => {
    machine.answer = silence;
    const error = await errorOf(runOverSsh(machine.target, "sleep 99", { timeoutMs: 200 }));
    expect(error.message).toBe("127.0.0.1 gave no answer within 0.2 s");
    expect(error.final).toBe(false);
  });

  test("counts from the connection on: a machine that takes it and says nothing", async () => {
    const mute = createServer(() => {});
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    using _ = redirectPorts({ 22: portOf(mute) });
    const began = Date.now();
    await errorOf(runOverSsh({ ...machine.target, user: "mute" }, "true", { timeoutMs: 200 }));
    expect(Date.now() - began).toBeLessThan(5000);
    mute.close();
  });

  test("leaves the connection to others", async () => {
    machine.answer = (channel, command) => (command === "slow" ? silence(channel) : exit(channel, 0, "ok"));
    await Promise.all([
      errorOf(runOverSsh(machine.target, "slow", { timeoutMs: 200 })),
      ...[1, 2, 3].map(() => runOverSsh(machine.target, "fast")),
    ]);
    expect(`${(await runOverSsh(machine.target, "fast")).stdout}`).toBe("ok");
    expect(machine.accepted).toBe(1);
  });
});

describe("an interruption", () => {
  test("ends a command that runs, and its channel", async () => {
    const closed = Promise.withResolvers<void>();
    machine.answer = (channel) => {
      silence(channel);
      channel.once("close", () => closed.resolve());
    };
    const stop = new AbortController();
    const call = runOverSsh(machine.target, "sleep 99", { signal: stop.signal });
    await until(() => machine.commands.length === 1, "the command runs");
    stop.abort();
    expect((await errorOf(call)).message).toBe("interrupted");
    await closed.promise;
  });

  test("that came before sends nothing", async () => {
    expect((await errorOf(runOverSsh(machine.target, "true", { signal: AbortSignal.abort() }))).message).toBe(
      "interrupted",
    );
    expect(machine.accepted).toBe(0);
  });

  test("while it connects ends the call", async () => {
    machine.answer = silence;
    const stop = new AbortController();
    const call = runOverSsh(machine.target, "sleep 99", { signal: stop.signal });
    stop.abort();
    expect((await errorOf(call)).message).toBe("interrupted");
  });
});

describe("a connection", () => {
  test("is shared by eight commands at once and by those that follow", async () => {
    machine.answer = (channel, command) => {
      channel.on("data", (chunk: Buffer) => channel.write(chunk));
      channel.on("end", () => exit(channel, Number(command), command));
    };
    const calls = await Promise.all(
      Array.from({ length: 8 }, (_, i) => runOverSsh(machine.target, `${i}`, { input: "in " })),
    );
    expect(calls.map(({ code, stdout }) => `${code}: ${stdout}`)).toEqual(
      Array.from({ length: 8 }, (_, i) => `${i}: in ${i}`),
    );
    await runOverSsh(machine.target, "9");
    expect(machine.accepted).toBe(1);
  });

  test("is closed soon after the last command, and made anew for the next", async () => {
    await runOverSsh(machine.target, "true");
    await until(() => machine.connections.size === 0, "the connection is closed");
    await runOverSsh(machine.target, "true");
    expect(machine.accepted).toBe(2);
  });

  test("is another one for another user or key", async () => {
    await runOverSsh(machine.target, "true");
    await runOverSsh({ ...machine.target, user: "somebody" }, "true");
    expect(machine.accepted).toBe(2);
  });

  test("that breaks fails every command on it, and the next call makes a new one", async () => {
    machine.answer = silence;
    const calls = ["a", "b"].map((command) => errorOf(runOverSsh(machine.target, command)));
    await until(() => machine.commands.length === 2, "both run");
    machine.hangUp();
    for (const { message, final } of await Promise.all(calls))
      expect({ message, final }).toEqual({ message: "the connection to 127.0.0.1 broke off", final: false });
    machine.answer = (channel) => exit(channel, 0);
    expect((await runOverSsh(machine.target, "true")).code).toBe(0);
    expect(machine.accepted).toBe(2);
  });

  test("that the machine closed while idle is not used again", async () => {
    await runOverSsh(machine.target, "true");
    machine.hangUp();
    await until(() => machine.connections.size === 0, "the connection is closed");
    expect((await runOverSsh(machine.target, "true")).code).toBe(0);
  });

  test("that is just being closed is an error that may pass, never another kind", async () => {
    for (let round = 0; round < 20; round++) {
      await runOverSsh(machine.target, "true");
      machine.hangUp();
      const answer = await runOverSsh(machine.target, "true").catch((cause: unknown) => cause);
      if (answer instanceof Error)
        expect({ answer, final: (answer as SshError).final }).toMatchObject({ final: false });
    }
  });

  test("does not keep the process: neither idle nor with a command that was given up", async () => {
    machine.answer = (channel, command) =>
      command === "hang" ? silence(channel) : exit(channel, 0, command);
    const calls = ["one", "two", "hang", "three"].map((command) => ({ command, timeoutMs: 3000 }));
    expect(await inPlainNode("ssh-call.ts", { port: machine.port, target: machine.target, calls })).toEqual([
      "0 one",
      "0 two",
      "127.0.0.1 gave no answer within 3 s",
      "0 three",
    ]);
  });
});

describe("docker on the machine", () => {
  test("gets its arguments whole, whatever they hold", async () => {
    await docker(["exec", "c", "sh", "-c", "echo \"$A\" 'b' \\ \n;", "", "--format={{.Name}}", "é"], {
      host: machine.target,
    });
    expect(machine.commands).toEqual([
      `docker exec c sh -c 'echo "$A" '\\''b'\\'' \\ \n;' '' '--format={{.Name}}' 'é'`,
    ]);
  });

  test("answers with its output, or both in order", async () => {
    machine.answer = (channel) => {
      channel.stderr.write("warning\n");
      exit(channel, 0, "out\n");
    };
    expect(await docker(["ps"], { host: machine.target })).toBe("out\n");
    expect(await docker(["logs", "c"], { host: machine.target, bothOutputs: true })).toMatch(
      /^(warning\nout\n|out\nwarning\n)$/,
    );
  });

  test("gets input by its standard input", async () => {
    machine.answer = echo;
    expect(await docker(["exec", "-i", "c", "cat"], { host: machine.target, input: "a secret" })).toBe(
      "a secret",
    );
    expect(machine.commands.join()).not.toContain("secret");
  });

  test.each([
    ["what it said", "No such container: x\n", 1, "docker inspect x: No such container: x"],
    ["its exit code where it said nothing", "", 7, "docker inspect x: exit code 7"],
  ])("fails with %s", async (_, said, code, message) => {
    machine.answer = (channel) => {
      channel.stderr.write(said);
      exit(channel, code);
    };
    const error = await docker(["inspect", "x", "y"], { host: machine.target }).catch((cause) => cause);
    expect(error).toBeInstanceOf(DockerError);
    expect(error.message).toBe(message);
  });

  test("that cannot be reached is a failure of docker's", async () => {
    const host = { ...machine.target, hostKeys: [publicLine(newKey())] };
    const error = await docker(["ps"], { host }).catch((cause) => cause);
    expect(error).toBeInstanceOf(DockerError);
    expect(error.message).toMatch(/^docker ps: the machine at 127\.0\.0\.1 shows another host key/);
  });
});

describe("a stream", () => {
  test("carries both ways and ends with the command", async () => {
    machine.answer = (channel) => {
      channel.stderr.write("x".repeat(100_000));
      echo(channel);
    };
    const stream = await dockerStream(["exec", "-i", "c", "cat"], machine.target);
    const closed = new Promise((resolve) => stream.once("close", resolve));
    stream.end("there and back");
    let text = "";
    for await (const chunk of stream) text += chunk;
    expect(text).toBe("there and back");
    await closed;
  });

  test("that is destroyed ends the command", async () => {
    const closed = Promise.withResolvers<void>();
    machine.answer = (channel) => {
      silence(channel);
      channel.once("close", () => closed.resolve());
    };
    const stream = await openChannel(machine.target, "cat");
    stream.destroy();
    await closed.promise;
    await until(() => machine.connections.size === 0, "the connection is closed");
  });
});
