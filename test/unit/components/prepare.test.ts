// A new droplet on its way to its first release, as an ssh server in this process whose commands are fake.
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ServerChannel } from "ssh2";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { MachineInputs } from "../../../components/hosts/droplet/machine.ts";
import { create, update } from "../../../components/hosts/droplet/prepare.ts";
import { FakeCommands, until } from "./fake-commands.ts";
import { exit, newKey, publicLine, SshMachine } from "./ssh-machine.ts";

const [deployKey, firstKey, lastingKey] = [newKey(), newKey(), newKey()];

let machine: SshMachine;
/** How the droplet answers a command that holds these words. */
let answers: Record<string, { code: number; output?: string }>;
/** Commands that hold a host key came with it. */
let received: string[];

const installs = (command: string) => command.includes("ssh-keygen");

function answer(channel: ServerChannel, command: string): void {
  if (installs(command)) {
    let key = "";
    channel.on("data", (chunk: Buffer) => {
      key += chunk;
    });
    channel.on("end", () => {
      received.push(key);
      machine.hostKey = key;
      exit(channel, 0);
    });
    return;
  }
  const known = Object.entries(answers).find(([words]) => command.includes(words))?.[1];
  exit(channel, known?.code ?? 0, known?.output);
}

beforeEach(async () => {
  machine = await SshMachine.start({ hostKey: firstKey, userKey: deployKey });
  received = [];
  answers = { "os-release": { code: 0, output: "Debian GNU/Linux 13 (trixie), Linux 6.12\n" } };
  machine.answer = answer;
});
afterEach(async () => {
  vi.useRealTimers();
  await machine[Symbol.asyncDispose]();
});

const news = (changes: Partial<MachineInputs> = {}): MachineInputs => ({
  dropletId: "1",
  address: machine.address,
  deployKey,
  hostKey: lastingKey,
  firstHostKeys: [publicLine(firstKey)],
  volume: "atlas-prod-data",
  volumeSize: 20,
  size: "s-2vcpu-4gb",
  ...changes,
});
const ready = () => ({ ...news(), system: "Debian" });

async function failure(call: Promise<unknown>): Promise<string> {
  const error = await call.catch((cause: unknown) => cause);
  if (error instanceof Error) return error.message;
  throw new Error("it did not fail");
}

describe("a new droplet", () => {
  test("gets its lasting host key and says what it is", async () => {
    const { id, outs } = await create(news());
    expect(id).toBe("machine");
    expect(outs).toEqual({ ...news(), system: "Debian GNU/Linux 13 (trixie), Linux 6.12" });
    expect(received).toEqual([lastingKey]);
    expect(machine.commands.map((command) => command.split("\n")[0])).toEqual([
      "true",
      "cloud-init status --wait > /dev/null",
      "set -e; umask 077",
      "true",
      "set -e",
      expect.stringContaining("os-release"),
    ]);
    // Keys travel by standard input.
    expect(machine.commands.join()).not.toContain("PRIVATE KEY");
  });

  test("that has it already, after a run that was killed, goes on", async () => {
    machine.hostKey = lastingKey;
    expect((await create(news())).outs.system).toContain("Debian");
  });

  test("may still be booting: no port, then a key that it does not know yet", async () => {
    machine.userKey = newKey();
    const call = create(news());
    await until(() => machine.accepted > 0, "it has been asked");
    machine.userKey = deployKey;
    expect((await call).outs.system).toContain("Debian");
  });

  test("is waited for until its ssh server shows the new key", async () => {
    machine.answer = (channel, command) => {
      if (!installs(command)) return answer(channel, command);
      channel.resume();
      const asked = machine.accepted;
      until(() => machine.accepted > asked, "the old key has been seen").then(() => {
        machine.hostKey = lastingKey;
      });
      exit(channel, 0);
    };
    expect((await create(news())).outs.system).toContain("Debian");
  });

  test("with warnings of cloud-init's own is good enough", async () => {
    answers["cloud-init status"] = { code: 2 };
    expect((await create(news())).outs.system).toContain("Debian");
  });
});

describe("it fails with what to do next", () => {
  test("where the first boot has failed, with the end of its log", async () => {
    answers["cloud-init status"] = { code: 1 };
    answers["cloud-init-output.log"] = { code: 0, output: "E: no such package\nfailed\n" };
    expect(
      await failure(create(news())),
    ).toBe(`the first boot of the droplet at 127.0.0.1 failed; the last lines of its log:
    | E: no such package
    | failed
  next: if volume atlas-prod-data was not attached, or a package mirror did not answer, a new droplet mends it without touching the data: scripts/up STACK --replace-droplet`);
    expect(received).toEqual([]);
  });

  test("where it never lets anybody in", async () => {
    machine.userKey = newKey();
    vi.useFakeTimers({ toFake: ["Date"] });
    const call = failure(create(news()));
    await until(() => machine.accepted > 0, "it has been asked");
    vi.setSystemTime(Date.now() + 11 * 60_000);
    const message = await call;
    expect(message).toContain(
      "the droplet at 127.0.0.1 did not let this deployment in for 5 minutes: 127.0.0.1 does not accept this deployment's key for root\n",
    );
    expect(message).toContain("atlas:sshFrom");
  });

  test("at once where another machine answers", async () => {
    machine.hostKey = newKey();
    const message = await failure(create(news()));
    expect(message).toContain("shows another host key");
    expect(machine.accepted).toBe(1);
    expect(machine.commands).toEqual([]);
  });

  test("where the volume is not mounted", async () => {
    answers.mountpoint = { code: 1, output: "volume atlas-prod-data is not mounted at /var/lib/atlas\n" };
    expect(
      await failure(create(news())),
    ).toBe(`the droplet at 127.0.0.1 is not ready for releases (volume atlas-prod-data, 20 GiB):
    | volume atlas-prod-data is not mounted at /var/lib/atlas
  next: scripts/ssh STACK systemctl --failed; then run the up again`);
  });

  test("where the new key is not taken", async () => {
    machine.answer = (channel, command) =>
      installs(command) ? exit(channel.resume(), 255, "sshd: bad key\n") : answer(channel, command);
    expect(await failure(create(news()))).toBe("127.0.0.1: exit code 255\n    | sshd: bad key");
  });
});

describe("a machine that was ready before", () => {
  beforeEach(() => {
    machine.hostKey = lastingKey;
  });

  test("has its file system grown with a bigger volume", async () => {
    await update(ready(), news({ volumeSize: 40 }));
    expect(machine.commands.join()).toMatch(
      /\/dev\/disk\/by-id\/scsi-0DO_Volume_atlas-prod-data\b.*\bresize2fs /s,
    );
  });

  test("changes from one lasting host key to another", async () => {
    const renewed = newKey();
    await update(ready(), news({ hostKey: renewed }));
    expect(received).toEqual([renewed]);
  });

  test("is not taken for itself with the key of its first boot, which others may have read", async () => {
    machine.hostKey = firstKey;
    expect(await failure(update(ready(), news({ volumeSize: 40 })))).toContain("shows another host key");
    expect(received).toEqual([]);
  });

  test("and is replaced begins with the first key again", async () => {
    machine.hostKey = firstKey;
    expect((await update(ready(), news({ dropletId: "2" }))).system).toContain("Debian");
    expect(received).toEqual([lastingKey]);
  });
});

describe("the host key's installation, by a real shell", () => {
  let fake: FakeCommands;
  let script = "";
  beforeEach(async () => {
    await create(news());
    fake = await FakeCommands.of({
      sshd: `echo "sshd $*" >> "$FAKE/calls"; [ ! -e "$FAKE/bad" ]`,
      systemctl: `echo "systemctl $*" >> "$FAKE/calls"`,
    });
    await mkdir(path.join(fake.folder, "ssh"));
    script = machine.commands.find(installs)?.replace("/etc/ssh/", `${fake.folder}/ssh/`) ?? "";
  });
  afterEach(() => fake[Symbol.asyncDispose]());
  const file = (name: string) => path.join(fake.folder, "ssh", name);
  const install = async (key: string) => {
    await writeFile(path.join(fake.folder, "input"), key);
    return fake.start(["bash", "-c", `(${script}\n) < ${fake.folder}/input`]).ended;
  };
  const mode = async (name: string) => ((await stat(file(name))).mode & 0o777).toString(8);

  test("puts both files in place, the private one for root alone, and tells the server", async () => {
    await writeFile(file("ssh_host_ed25519_key"), firstKey);
    expect(await install(lastingKey)).toBe(0);
    expect(await readFile(file("ssh_host_ed25519_key"), "utf8")).toBe(lastingKey);
    expect((await readFile(file("ssh_host_ed25519_key.pub"), "utf8")).trim()).toBe(publicLine(lastingKey));
    expect([await mode("ssh_host_ed25519_key"), await mode("ssh_host_ed25519_key.pub")]).toEqual([
      "600",
      "644",
    ]);
    expect(await fake.read("calls")).toBe("sshd -t\nsystemctl restart ssh\n");
  });

  test("leaves a key alone that is right", async () => {
    await install(lastingKey);
    await writeFile(path.join(fake.folder, "calls"), "");
    expect(await install(lastingKey)).toBe(0);
    expect(await fake.read("calls")).toBe("");
  });

  test("takes no text that is not a key", async () => {
    await writeFile(file("ssh_host_ed25519_key"), firstKey);
    expect(await install("not a key")).not.toBe(0);
    expect(await readFile(file("ssh_host_ed25519_key"), "utf8")).toBe(firstKey);
  });
});
