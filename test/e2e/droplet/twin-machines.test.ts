// The twin's droplets, volumes and addresses, with real machines: what a cloud promises holds.
import { execFile, execFileSync } from "node:child_process";
import dgram from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { docker } from "../../../components/hosts/docker-cli.ts";
import { openMachines } from "../../../sandbox/digitalocean/machine/open.ts";
import { removeMachines } from "../../../sandbox/digitalocean/machine/remove.ts";
import type { Machines } from "../../../sandbox/digitalocean/machines.ts";
import { ensureDocker } from "../../../scripts/lib/docker-engine.ts";

vi.setConfig({ testTimeout: 90_000 });

// Always the same one: what a run that was killed has left is found and removed.
const folder = "/tmp/atlas-test-twin-machines";
const prefix = "127.91";
const [one, two] = [1, 2];
const addresses = { [one]: `${prefix}.0.1`, [two]: `${prefix}.0.2` };
const reserved = `${prefix}.0.9`;
const link = "/dev/disk/by-id/scsi-0DO_Volume_the-data";
const volumeId = "0a1b2c3d-0000-4000-8000-000000000001";

let machines: Machines & { gateway: string; network: string };
const lines: string[] = [];
const open = () =>
  openMachines({ folder, addressPrefix: prefix, dns: "", log: (line) => void lines.push(line) });

const mountUnit = `[Unit]
Before=docker.service
[Mount]
What=${link}
Where=/mnt/the_data
Type=ext4
Options=noatime,nofail
[Install]
WantedBy=multi-user.target
`;

const userData = (packages: string[]) => `#cloud-config
${JSON.stringify({
  write_files: [
    { path: "/root/hello", content: "from the user data\n", permissions: "0600" },
    { path: "/etc/systemd/system/mnt-the_data.mount", content: mountUnit },
  ],
  ssh_deletekeys: true,
  ssh_keys: { ed25519_private: file("host"), ed25519_public: file("host.pub") },
  ...(packages.length > 0 && { package_update: true, packages }),
})}
`;
const file = (name: string) => readFileSync(path.join(folder, name), "utf8");

async function create(id: number, packages: string[] = []): Promise<void> {
  await machines.createDroplet({
    id,
    name: `machine-${id}`,
    userData: userData(packages),
    publicKeys: [file("login.pub")],
    publicAddress: addresses[id] ?? "",
    memoryMiB: 1024,
    vcpus: 2,
  });
}

beforeAll(async () => {
  await ensureDocker();
  await removeMachines(folder);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const key of ["host", "login"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path.join(folder, key)]);
  const [type, key] = file("host.pub").split(" ");
  writeFileSync(path.join(folder, "known"), `* ${type} ${key}\n`);
  writeFileSync(path.join(folder, "root.crt"), await authority());
  machines = await open();
  await Promise.all([
    create(one, ["docker.io", "docker-cli", "docker-compose", "unattended-upgrades"]),
    create(two),
  ]);
  await machines.createVolume({
    id: volumeId,
    name: "the-data",
    gibibytes: 1,
    filesystem: "ext4",
    label: "data",
  });
  await Promise.all([expectReady(addresses[one]), expectReady(addresses[two])]);
});
afterAll(async () => {
  await machines?.close();
  await removeMachines(folder);
  rmSync(folder, { recursive: true, force: true });
});

interface Said {
  code: number;
  output: string;
}

/** As root, only where the host key is the one that the user data gave. */
function ssh(address: string | undefined, command: string, ...options: string[]): Promise<Said> {
  const fixed = [
    ["BatchMode=yes", "ConnectTimeout=5", "StrictHostKeyChecking=yes"],
    [`UserKnownHostsFile=${path.join(folder, "known")}`, `IdentityFile=${path.join(folder, "login")}`],
    ["IdentitiesOnly=yes", "LogLevel=ERROR", ...options],
  ].flat();
  const args = [...fixed.flatMap((option) => ["-o", option]), `root@${address}`, command];
  return new Promise((resolve) => {
    execFile("ssh", args, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 255) : 0, output: (stdout + stderr).trim() }),
    );
  });
}

async function run(id: number, command: string): Promise<string> {
  const { code, output } = await ssh(addresses[id], command);
  expect(code, output).toBe(0);
  return output;
}

/** Reachable by ssh; a machine that boots takes some seconds until it is. */
const expectUp = (address: string | undefined) =>
  vi.waitFor(async () => expect(await ssh(address, "true")).toEqual({ code: 0, output: "" }), 60_000);
const eventually = <T>(look: () => Promise<T> | T) => expect.poll(look, { timeout: 30_000 });

async function expectReady(address: string | undefined): Promise<void> {
  await expectUp(address);
  expect(await ssh(address, "cloud-init status --wait")).toEqual({
    code: 0,
    output: expect.stringContaining("done"),
  });
}

/** What a machine's distribution trusts is a certificate made now. */
async function authority(): Promise<string> {
  const key = path.join(folder, "authority.key");
  const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  return execFileSync("openssl", [...args, "-keyout", key, "-subj", "/CN=World", "-days", "2"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
}

/** What somebody who connects hears after having said it all, or why not. */
async function ask(address: string, port: number, question: string, from = "127.0.0.1"): Promise<string> {
  const socket = net.connect({ host: address, port, localAddress: from, allowHalfOpen: true });
  try {
    await once(socket, "connect");
    socket.end(question);
    return await text(socket);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    socket.destroy();
  }
}

/** What comes back to a packet; undefined after some silence. */
function knock(address: string, port: number, packet: string): Promise<string | undefined> {
  const socket = dgram.createSocket("udp4");
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 500);
    socket.once("message", (answer) => {
      clearTimeout(timer);
      resolve(answer.toString());
    });
    socket.send(packet, port, address);
  }).finally(() => socket.close()) as Promise<string | undefined>;
}

describe("a droplet", () => {
  test("is what its user data and its image make of it", async () => {
    expect(await run(one, "cat /root/hello")).toBe("from the user data");
    expect(await run(one, "hostname; systemctl is-system-running; systemctl --failed --no-legend")).toBe(
      "machine-1\nrunning",
    );
    expect(await run(one, "cat /etc/hosts")).toContain("127.0.1.1 machine-1");
    expect(await run(one, "nproc; ls / | grep -c firmware || true")).toBe("2\n0");
    expect(await run(one, "cd /etc && stat -c '%n %a' hosts hostname resolv.conf")).toBe(
      "hosts 644\nhostname 644\nresolv.conf 644",
    );
    expect(await run(one, "passwd --status root")).toMatch(/^root L /);
  });
  test("trusts the authorities of the world", async () => {
    expect(await run(two, "openssl verify /usr/local/share/ca-certificates/world.crt")).toContain(": OK");
  });
  test("lets nobody in by password", async () => {
    const { code, output } = await ssh(
      addresses[one],
      "true",
      "PreferredAuthentications=password",
      "PubkeyAuthentication=no",
    );
    expect(code).toBe(255);
    expect(output).toContain("Permission denied (publickey)");
  });
  test("runs containers", async () => {
    const program = "/usr/bin/dash $(ldd /usr/bin/dash | grep -o '/[^ ]*')";
    await run(one, `tar -chf - -C / ${program} 2> /dev/null | docker import - tiny`);
    expect(await run(one, "docker run --rm tiny /usr/bin/dash -c 'echo from inside'")).toBe("from inside");
    expect(
      await run(one, "docker info --format '{{.Driver}} {{.CgroupDriver}}'; docker compose version --short"),
    ).toMatch(/^overlay2 systemd\n\S*2\./);
  });
  test("has the memory that was paid for, and more after a resize", async () => {
    const memory = async () =>
      Number(
        await docker(["inspect", "--format", "{{.HostConfig.Memory}}", `${machines.network}-droplet-2`]),
      ) /
      2 ** 20;
    expect(await memory()).toBe(1024);
    await machines.resizeDroplet(two, { memoryMiB: 2048, vcpus: 1 });
    expect(await memory()).toBe(2048);
    expect(await machines.isRunning(two)).toBe(true);
  });
});

describe("a firewall", () => {
  const server = `import socket, threading
def udp():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", 8081))
    while True:
        data, peer = s.recvfrom(2000); s.sendto(b"echo " + data, peer)
threading.Thread(target=udp).start()
s = socket.create_server(("0.0.0.0", 8080))
hidden = socket.create_server(("127.0.0.1", 8082))
while True:
    c, _ = s.accept()
    with c:
        said = b""
        while part := c.recv(65536): said += part
        c.sendall(b"heard " + str(len(said)).encode())
`;
  const address = addresses[two] ?? "";
  const rule = (protocol: "tcp" | "udp", port: number, ...sources: string[]) => ({
    protocol,
    from: port,
    to: port,
    sources,
  });
  const all = "0.0.0.0/0";
  const long = "x".repeat(1_000_000);

  beforeAll(async () => {
    await run(two, `systemd-run --quiet --unit listener python3 -c '${server}'`);
  });
  test("that is not there lets all in that somebody listens on", async () => {
    await eventually(() => ask(address, 8080, long)).toBe("heard 1000000");
    expect(await knock(address, 8081, "hello")).toBe("echo hello");
    expect(await ask(address, 8082, "")).toBe("ECONNREFUSED");
    expect(await ask(address, 8083, "")).toBe("ECONNREFUSED");
  });
  test("opens what it names to whom it names", async () => {
    await machines.setFirewall(two, [rule("tcp", 22, all), rule("tcp", 8080, "127.66.0.0/16")]);
    expect(await ask(address, 8080, "me", "127.66.1.2")).toBe("heard 2");
    expect(await ask(address, 8080, "me")).not.toContain("heard");
    expect(await knock(address, 8081, "hello")).toBeUndefined();
    await run(two, "true");
  });
  test("closes and opens at once", async () => {
    await machines.setFirewall(two, []);
    expect(await ask(address, 8080, "me", "127.66.1.2")).toBe("ECONNREFUSED");
    expect(await ask(address, 22, "")).toBe("ECONNREFUSED");
    await machines.setFirewall(two, [rule("tcp", 22, all), rule("tcp", 8080, all), rule("udp", 8081, all)]);
    expect(await ask(address, 8080, "me")).toBe("heard 2");
    expect(await knock(address, 8081, "hello")).toBe("echo hello");
    await machines.setFirewall(two, undefined);
  });
});

test("a reserved address answers for the droplet that has it", async () => {
  await machines.assignAddress(reserved, one);
  expect((await ssh(reserved, "hostname")).output).toBe("machine-1");
  await machines.assignAddress(reserved, two);
  expect((await ssh(reserved, "hostname")).output).toBe("machine-2");
  await machines.assignAddress(reserved, undefined);
  expect(await ask(reserved, 22, "")).toBe("ECONNREFUSED");
});

describe("a volume", () => {
  const uuid = async (id: number) => await run(id, `blkid -s UUID -o value ${link}`);
  let first: string;

  test("is mounted by a unit that was started before it came", async () => {
    await run(
      one,
      "systemctl enable --quiet mnt-the_data.mount && systemctl start --no-block mnt-the_data.mount",
    );
    expect(await run(one, "systemctl is-active mnt-the_data.mount || true")).toBe("activating");
    await machines.attachVolume(volumeId, one);
    await eventually(() => run(one, "systemctl is-active mnt-the_data.mount || true")).toBe("active");
    expect(
      await run(
        one,
        "findmnt -no FSTYPE,LABEL /mnt/the_data || true; blkid -s LABEL -o value $(findmnt -no SOURCE /mnt/the_data)",
      ),
    ).toContain("data");
    first = await uuid(one);
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
  });
  test("belongs to one droplet at a time", async () => {
    await expect(machines.attachVolume(volumeId, two)).rejects.toThrow(/attached to droplet 1/);
    await expect(machines.destroyVolume(volumeId)).rejects.toThrow(/attached to droplet 1/);
    await machines.attachVolume(volumeId, one);
  });
  test("keeps what was written to it when the power is cut", async () => {
    await run(one, "echo kept > /mnt/the_data/file && sync && echo root > /root/kept && sync");
    await machines.power(one, "power_cycle");
    await expectUp(addresses[one]);
    await eventually(() => run(one, "systemctl is-active mnt-the_data.mount || true")).toBe("active");
    expect(await run(one, "cat /mnt/the_data/file /root/kept")).toBe("kept\nroot");
    expect(await uuid(one)).toBe(first);
    await eventually(() => run(one, "docker images --quiet tiny | wc -l")).toBe("1");
  });
  test("grows under its file system", async () => {
    await machines.resizeVolume(volumeId, 2);
    expect(await run(one, `blockdev --getsize64 ${link}`)).toBe(String(2 * 1024 ** 3));
    // Ext4 would grow while it is mounted, but the kernel wants a capability for it that a sandbox may lack.
    await run(one, `umount /mnt/the_data && e2fsck -fp ${link} && resize2fs ${link} 2>&1`);
    await run(one, "systemctl start mnt-the_data.mount");
    expect(Number(await run(one, "df --output=size -BM /mnt/the_data | tr -dc 0-9"))).toBeGreaterThan(1500);
    await expect(machines.resizeVolume(volumeId, 1)).rejects.toThrow(/cannot shrink/);
  });
  test("with XFS grows while it is in use", async () => {
    const id = "0a1b2c3d-0000-4000-8000-000000000002";
    await machines.createVolume({ id, name: "other", gibibytes: 1, filesystem: "xfs", label: "wide" });
    await machines.attachVolume(id, two);
    await run(two, "mkdir -p /mnt/wide && mount /dev/disk/by-id/scsi-0DO_Volume_other /mnt/wide");
    await machines.resizeVolume(id, 3);
    await run(two, "xfs_growfs /mnt/wide");
    expect(Number(await run(two, "df --output=size -BM /mnt/wide | tr -dc 0-9"))).toBeGreaterThan(2500);
    await machines.detachVolume(id, two);
    await machines.destroyVolume(id);
    expect(await run(two, "ls -A /mnt/wide /dev/disk/by-id")).not.toContain("other");
  });
  test("moves, whole, from a droplet that uses it", async () => {
    const writer = "while true; do date >> /mnt/the_data/log || exit 1; done";
    await run(one, `systemd-run --quiet --unit writer sh -c '${writer}'`);
    await run(
      one,
      "docker run -d --name holder -v /mnt/the_data:/data tiny /usr/bin/dash -c 'exec 3> /data/held; while true; do echo . >&3; done'",
    );
    await eventually(() =>
      run(one, "test -s /mnt/the_data/log && test -s /mnt/the_data/held && echo both || true"),
    ).toBe("both");
    await machines.detachVolume(volumeId, one);
    await machines.detachVolume(volumeId, one);
    expect(await run(one, `ls ${link} /mnt/the_data 2>&1 || true`)).toContain("cannot access");
    await machines.attachVolume(volumeId, two);
    expect(await uuid(two)).toBe(first);
    expect(await run(two, "systemctl start mnt-the_data.mount && cat /mnt/the_data/file")).toBe("kept");
    await run(two, "umount /mnt/the_data");
    // Replays the journal, and then finds nothing to mend.
    expect(await run(two, `e2fsck -fp ${link} > /dev/null && e2fsck -fn ${link}`)).toContain("data:");
    await machines.detachVolume(volumeId, two);
    await run(one, "docker rm --force holder");
    expect(loops()).not.toContain(`/${volumeId}.img`);
  });
  test("attached to a droplet that is off is there when it boots", async () => {
    await machines.power(two, "shutdown");
    await machines.attachVolume(volumeId, two);
    await machines.power(two, "power_on");
    await expectUp(addresses[two]);
    expect(await uuid(two)).toBe(first);
  });
});

describe("power", () => {
  test("off means off until it is switched on", async () => {
    const session = net.connect({ host: addresses[two] ?? "", port: 22 });
    await once(session, "data");
    const ended = new Promise((resolve) => session.once("close", resolve));
    // Cut off or ended by the dying machine's kernel, as it comes.
    session.once("error", () => {});
    await machines.power(two, "power_off");
    await ended;
    expect(await machines.isRunning(two)).toBe(false);
    expect(await ask(addresses[two] ?? "", 22, "")).toBe("ECONNREFUSED");
    await machines.power(two, "power_off");
    await machines.power(two, "power_on");
    await machines.power(two, "power_on");
    await expectUp(addresses[two]);
  });
  test("a shutdown stops services in order", async () => {
    await run(
      two,
      "systemd-run --quiet --unit farewell -p ExecStop='/bin/sh -c \"echo bye > /root/bye\"' sleep infinity",
    );
    await machines.power(two, "shutdown");
    expect(await machines.isRunning(two)).toBe(false);
    await machines.power(two, "power_on");
    await expectUp(addresses[two]);
    expect(await run(two, "cat /root/bye")).toBe("bye");
  });
  test("a droplet that reboots itself comes back, one that switches itself off does not", async () => {
    await run(two, "touch /run/before");
    await ssh(addresses[two], "systemctl reboot");
    await eventually(() => ssh(addresses[two], "test ! -e /run/before && echo fresh")).toEqual({
      code: 0,
      output: "fresh",
    });
    await ssh(addresses[two], "systemctl poweroff");
    await eventually(() => lines).toContain("droplet 2 has switched itself off");
    expect(await machines.isRunning(two)).toBe(false);
  });
  test("the next process continues, and heals what the engine has lost", async () => {
    await machines.setFirewall(one, [{ protocol: "tcp", from: 22, to: 22, sources: ["0.0.0.0/0"] }]);
    await machines.close();
    expect(await ask(addresses[one] ?? "", 22, "")).toBe("ECONNREFUSED");
    await docker(["kill", `${machines.network}-droplet-1`]);
    machines = await open();
    await expectUp(addresses[one]);
    expect(await machines.isRunning(two)).toBe(false);
    expect(await run(one, "cat /root/kept")).toBe("root");
  });
});

test("a droplet that does not boot says why", async () => {
  await run(one, "mv /usr/lib/systemd/systemd /root/");
  await expect(machines.power(one, "power_cycle")).rejects.toThrow(
    /went off while it booted.*\n.*init: not found/s,
  );
  expect(await machines.isRunning(one)).toBe(false);
});

test("what is destroyed leaves nothing", async () => {
  await machines.destroyDroplet(one);
  await machines.destroyDroplet(one);
  await machines.destroyDroplet(two);
  expect(loops()).not.toContain(volumeId);
  await machines.destroyVolume(volumeId);
  await machines.destroyVolume(volumeId);
  expect(readdirSync(path.join(folder, "volumes"))).toEqual([]);
  const mine = (names: string) => names.split("\n").filter((name) => name.startsWith(machines.network));
  expect(mine(await docker(["ps", "--all", "--format", "{{.Names}}"]))).toEqual([]);
  expect(mine(await docker(["volume", "ls", "--format", "{{.Name}}"]))).toEqual([]);
  expect(cgroups().filter((name) => name.startsWith(machines.network))).toEqual([]);
  await expect(machines.power(one, "power_on")).rejects.toThrow("There is no droplet 1.");
});

const loops = () => execFileSync("losetup", ["--all"], { encoding: "utf8" });
const cgroups = () =>
  ["/sys/fs/cgroup/unified", "/sys/fs/cgroup", "/run/atlas-twin-cgroup2"]
    .filter((candidate) => existsSync(candidate))
    .flatMap((candidate) => readdirSync(candidate));
