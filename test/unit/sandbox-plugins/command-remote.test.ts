import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { Props } from "../../../sandbox/plugins/bridge/schema.ts";
import { type Plugin, startPlugin } from "./command-plugin.ts";
import { hostKeys, type Options, PASSWORD, type Sshd, startSshd, userKey } from "./command-sshd.ts";

const TYPE = "remote:Command";
let plugin: Plugin;
let sshd: Sshd;

beforeAll(async () => {
  delete process.env.SSH_AUTH_SOCK;
  sshd = await startSshd({ acceptEnv: ["ALLOWED", "PULUMI_COMMAND_STDOUT"] });
});
afterAll(() => sshd.close());
beforeEach(async () => {
  plugin = await startPlugin();
});
afterEach(() => plugin.close());

async function sshdWith(options: Options): Promise<Sshd> {
  const other = await startSshd(options);
  onTestFinished(() => other.close());
  return other;
}

function to(server: Sshd, more: Props = {}): Props {
  return {
    host: "127.0.0.1",
    port: server.port,
    user: "root",
    privateKey: userKey.private,
    dialErrorLimit: 0,
    ...more,
  };
}
const create = (command: string, more: Props = {}) =>
  plugin.create(TYPE, { connection: to(sshd), create: command, ...more });

describe("a remote command", () => {
  it("gives what it printed, less one newline", async () => {
    const { id, state } = await create("printf 'a\\nb\\n\\n'; echo oops >&2");
    expect(id).toMatch(/^it[0-9a-f]{8}$/);
    expect(state).toMatchObject({ stdout: "a\nb\n", stderr: "oops" });
  });
  it("without a command does not even log in", async () => {
    const { state } = await plugin.create(TYPE, { connection: { host: "nowhere.invalid" } });
    expect(state).toMatchObject({ stdout: "", stderr: "" });
  });
  it("takes a mebibyte of standard input", async () => {
    const stdin = "0123456789abcdé\n".repeat(65_536);
    const { state } = await create("cat", { stdin, logging: "none" });
    expect(state.stdout).toBe(stdin.slice(0, -1));
  });
  it("need not read its standard input", async () => {
    expect((await create("true", { stdin: "x".repeat(1 << 20) })).state.stdout).toBe("");
  });
  it("keeps characters that arrive in pieces and zero bytes", async () => {
    const { state } = await create("printf '\\303'; sleep 0.05; printf '\\251\\000x'");
    expect(state.stdout).toBe("é\0x");
  });
  it("fails when its output is no text", async () => {
    await expect(create("printf '\\377'")).rejects.toThrow("string field contains invalid UTF-8");
  });
  it("fails with its status and both outputs", async () => {
    await expect(create('echo "out"; echo err >&2; exit 7')).rejects.toThrow(
      /^Process exited with status 7: running "echo \\"out\\"; echo err >&2; exit 7":\n(out\nerr|err\nout)\n$/,
    );
  });
  it("fails with the signal that ended it", async () => {
    await expect(create("kill -TERM $$")).rejects.toThrow(
      'Process exited with status 143 from signal TERM: running "kill -TERM $$":\n',
    );
  });
  it("fails when the connection is lost on the way", async () => {
    const server = await sshdWith({ onExec: (channel) => channel.end() });
    await expect(plugin.create(TYPE, { connection: to(server), create: "true" })).rejects.toThrow(
      'wait: remote command exited without exit status or exit signal: running "true":\n',
    );
  });
  it("runs update on update and delete on delete, with the outputs before", async () => {
    const inputs = { connection: to(sshd), create: "echo one" };
    const { state } = await plugin.create(TYPE, inputs);
    const news = { ...inputs, update: 'echo "was $PULUMI_COMMAND_STDOUT"' };
    const updated = await plugin.update(TYPE, state, news);
    expect(updated).toMatchObject({ ...news, stdout: "was one" });
    await plugin.remove(TYPE, { ...updated, delete: 'echo "$PULUMI_COMMAND_STDOUT" | grep -q "was one"' });
    await expect(plugin.remove(TYPE, { ...updated, delete: "false" })).rejects.toThrow("status 1");
  });
  it("runs create again when there is no update", async () => {
    const olds = { connection: to(sshd), create: "echo one", stdout: "one", stderr: "" };
    expect(await plugin.update(TYPE, olds, { connection: to(sshd), create: "echo two" })).toMatchObject({
      stdout: "two",
    });
  });
  it("keeps the outputs when there is nothing to run", async () => {
    const olds = { connection: to(sshd), create: "echo one", stdout: "one", stderr: "e" };
    expect(await plugin.update(TYPE, olds, { connection: to(sshd) })).toMatchObject({
      stdout: "one",
      stderr: "e",
    });
  });
  it("withholds the outputs before when told so", async () => {
    const olds = { connection: to(sshd), create: "x", stdout: "secret", stderr: "" };
    const news = {
      connection: to(sshd),
      create: 'echo "<$PULUMI_COMMAND_STDOUT>"',
      addPreviousOutputInEnv: false,
    };
    expect(await plugin.update(TYPE, olds, news)).toMatchObject({ stdout: "<>" });
  });
  it("gets variables that the server accepts", async () => {
    const { state } = await create('echo "$ALLOWED"', { environment: { ALLOWED: "yes" } });
    expect(state.stdout).toBe("yes");
  });
  it("does not run when the server refuses a variable", async () => {
    const before = sshd.commands.length;
    await expect(create("echo ran", { environment: { ALLOWED: "y", OTHER: "hidden" } })).rejects.toThrow(
      'could not set environment variable "OTHER": ssh: setenv failed',
    );
    expect(sshd.commands).toHaveLength(before);
    expect(plugin.messages).toMatchObject([{ severity: 3, ephemeral: false }]);
    expect(plugin.messages[0]?.message).toMatch(/^Unable to set 'OTHER'\. .*AcceptEnv/);
    expect(JSON.stringify(plugin.messages)).not.toContain("hidden");
  });
  it("only warns when the server refuses the outputs before", async () => {
    const olds = { connection: to(sshd), create: "x", stdout: "o", stderr: "e" };
    const after = await plugin.update(TYPE, olds, {
      connection: to(sshd),
      create: "echo ran",
      logging: "none",
    });
    expect(after.stdout).toBe("ran");
    await expect.poll(() => plugin.messages).toMatchObject([{ severity: 2 }]);
    expect(plugin.messages[0]?.message).toContain("PULUMI_COMMAND_STDERR");
  });
  it("ends when the engine cancels", async () => {
    const running = create("echo started; sleep 60");
    const refused = expect(running).rejects.toThrow(
      'context canceled: running "echo started; sleep 60":\nstarted\n',
    );
    await expect.poll(() => plugin.messages.map(({ message }) => message)).toContain("started");
    await plugin.cancel();
    await refused;
    await expect.poll(() => sshd.running.at(-1)?.signalCode).toBe("SIGKILL");
  });
  it("ends when its time is over", async () => {
    const late = plugin.create(TYPE, { connection: to(sshd), create: "sleep 60" }, { timeout: 1 });
    await expect(late).rejects.toThrow("context deadline exceeded: running");
  });
});

describe("logging", () => {
  it.each([
    [undefined, ["err", "out"]],
    ["stdoutAndStderr", ["err", "out"]],
    ["stdout", ["out"]],
    ["stderr", ["err"]],
    ["none", []],
  ])("%s shows %j", async (logging, shown) => {
    const { state } = await create("echo out; echo err >&2", logging === undefined ? {} : { logging });
    expect(state).toMatchObject({ stdout: "out", stderr: "err" });
    expect(plugin.messages.map(({ message }) => message).sort()).toEqual(shown);
    for (const message of plugin.messages) expect(message).toMatchObject({ severity: 1, ephemeral: true });
  });
  it("never shows what goes in", async () => {
    const failing = create("exit 3", {
      stdin: "stdin-value",
      connection: to(sshd, { password: "pass-value" }),
    });
    const error = await failing.catch((cause: Error) => cause.message);
    expect(error).toBe('Process exited with status 3: running "exit 3":\n');
    expect(JSON.stringify(plugin.messages)).not.toMatch(/stdin-value|pass-value|PRIVATE/);
  });
});

describe("logging in", () => {
  const login = (more: Props, server = sshd) =>
    plugin.create(TYPE, { connection: to(server, more), create: "echo in" });

  it("by password, or by typing it when asked", async () => {
    const { privateKey: _, ...connection } = to(sshd, { password: PASSWORD });
    expect((await plugin.create(TYPE, { connection, create: "echo in" })).state.stdout).toBe("in");
    const server = await sshdWith({ methods: ["keyboard-interactive"] });
    expect((await login({ password: PASSWORD }, server)).state.stdout).toBe("in");
  });
  it("names the methods tried when none does", async () => {
    await expect(login({ privateKey: hostKeys.rsa.private, password: "wrong" })).rejects.toThrow(
      "after 0 failed attempts: ssh: handshake failed: ssh: unable to authenticate, " +
        "attempted methods [none publickey password keyboard-interactive], no supported methods remain",
    );
  });
  it("refuses a private key that is none before it dials", async () => {
    const before = sshd.connections;
    await expect(login({ privateKey: "rubbish" })).rejects.toThrow(/^ssh: no key found$/);
    expect(sshd.connections).toBe(before);
  });
  it("says that an agent's socket is not there", async () => {
    await expect(login({ agentSocketPath: "/nowhere/agent" })).rejects.toThrow(
      "dial unix /nowhere/agent: connect: no such file or directory",
    );
  });
  it("opens a key with its passphrase, and says when that is missing or wrong", async () => {
    const ssh2 = await import("ssh2");
    const locked = ssh2.default.utils.generateKeyPairSync("ecdsa", {
      bits: 256,
      passphrase: "open",
      cipher: "aes256-ctr",
    }).private;
    await expect(login({ privateKey: locked })).rejects.toThrow("this private key is passphrase protected");
    await expect(login({ privateKey: locked, privateKeyPassword: "x" })).rejects.toThrow(
      "x509: decryption password incorrect",
    );
    await expect(login({ privateKey: locked, privateKeyPassword: "open" })).rejects.toThrow(
      "attempted methods [none publickey]",
    );
  });
  it("accepts any host key when none is expected, and the expected one", async () => {
    expect((await login({})).state.stdout).toBe("in");
    expect((await login({ hostKey: `${hostKeys.ed25519.public} a comment` })).state.stdout).toBe("in");
    const listed = `# the host\n\nrestrict,command="a b" ${hostKeys.ed25519.public}\n`;
    expect((await login({ hostKey: listed })).state.stdout).toBe("in");
  });
  it("refuses any other host key", async () => {
    await expect(login({ hostKey: hostKeys.ecdsa.public })).rejects.toThrow(
      "after 0 failed attempts: ssh: handshake failed: ssh: host key mismatch",
    );
    await expect(login({ hostKey: "ssh-ed25519 nonsense" })).rejects.toThrow("ssh: no key found");
  });
  it("takes ECDSA before RSA before Ed25519, whatever is expected", async () => {
    const { ed25519, ecdsa, rsa } = hostKeys;
    const all = await sshdWith({ keys: [ed25519, rsa, ecdsa] });
    expect((await login({ hostKey: ecdsa.public }, all)).state.stdout).toBe("in");
    await expect(login({ hostKey: ed25519.public }, all)).rejects.toThrow("host key mismatch");
    const two = await sshdWith({ keys: [ed25519, rsa] });
    expect((await login({ hostKey: rsa.public }, two)).state.stdout).toBe("in");
    await expect(login({ hostKey: ed25519.public }, two)).rejects.toThrow("host key mismatch");
  });
  it("goes through a bastion, and says when the failure is there", async () => {
    const bastion = await sshdWith({});
    expect((await login({ proxy: to(bastion) })).state.stdout).toBe("in");
    expect(bastion.connections).toBe(1);
    await expect(login({ proxy: to(bastion, { hostKey: hostKeys.rsa.public }) })).rejects.toThrow(
      /^proxy: after 0 failed attempts: ssh: handshake failed: ssh: host key mismatch$/,
    );
    await expect(login({ port: 1, proxy: to(bastion) })).rejects.toThrow(
      /^proxy: after 0 failed attempts: ssh: rejected: connect failed \(/,
    );
  });
});

describe("dialing", () => {
  it("tries once more than errors are allowed, and says so each time", async () => {
    const server = await sshdWith({ drop: 2 });
    const within = await plugin.create(TYPE, {
      connection: to(server, { dialErrorLimit: 2 }),
      create: "echo in",
    });
    expect(within.state.stdout).toBe("in");
    expect(plugin.messages.map(({ message }) => message)).toEqual([
      "Dial 1/2 failed: retrying",
      "Dial 2/2 failed: retrying",
      "in",
    ]);
    const beyond = await sshdWith({ drop: 9 });
    const failing = plugin.create(TYPE, { connection: to(beyond, { dialErrorLimit: 2 }), create: "true" });
    await expect(failing).rejects.toThrow(/^after 2 failed attempts: ssh: handshake failed: EOF$/);
    expect(beyond.connections).toBe(3);
  });
  it("says that nobody listens", async () => {
    const connection = to(sshd, { port: 1 });
    await expect(plugin.create(TYPE, { connection, create: "true" })).rejects.toThrow(
      /^after 0 failed attempts: dial tcp 127\.0\.0\.1:1: connect: connection refused$/,
    );
  });
  it("waits longer from try to try", async () => {
    const server = await sshdWith({ drop: 4 });
    const started = performance.now();
    await plugin.create(TYPE, { connection: to(server, { dialErrorLimit: 4 }), create: "true" });
    expect(performance.now() - started).toBeGreaterThan(100 + 150 + 225 + 337);
  });
  it("without a limit goes on until it is cancelled", async () => {
    const server = await sshdWith({ drop: 1_000 });
    const running = plugin.create(TYPE, { connection: to(server, { dialErrorLimit: -1 }), create: "true" });
    const refused = expect(running).rejects.toThrow(/^context canceled$/);
    await expect.poll(() => plugin.messages.at(-1)?.message).toBe("Dial 3/inf failed: retrying");
    await plugin.cancel();
    await refused;
  });
});
