// One droplet from an empty account to an empty account: the tests build on each other, in order.
import { once } from "node:events";
import { connect } from "node:net";
import { type Agent, fetch } from "undici";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runOverSsh, SshError } from "../../../components/hosts/ssh.ts";
import { until } from "../test-stack.ts";
import { DropletStack } from "./droplet-stack.ts";
import { WatchingClient } from "./watching-client.ts";

let it: DropletStack;

beforeAll(async () => {
  it = await DropletStack.make();
});
afterAll(() => it.remove());

const succeeded = ({ code, output }: { code: number; output: string }) => expect(code, output).toBe(0);
const kinds = [
  "droplets",
  "volumes",
  "firewalls",
  "reserved_ips",
  "account/keys",
  "vpcs",
  "projects",
  "tags",
];

describe("an empty account", () => {
  test("a preview asks neither a machine nor for anything to be made", async () => {
    const { code, output } = await it.stack.startWith({}, "preview").finished;
    expect(code, output).toBe(0);
    expect(output).toContain("digitalocean:index/droplet:Droplet");
    expect(await it.list("droplets")).toEqual([]);
    expect(await it.list("volumes")).toEqual([]);
  });

  test("becomes an Atlas behind https with one command", async () => {
    succeeded(await it.stack.up());
    const { url, smoke, address } = await it.outputs();
    expect(url).toBe(`https://${it.domain}`);
    expect(address).toMatch(/^127\./);
    expect(smoke.checks.filter(({ status }) => status === "FAIL")).toEqual([]);
    expect(smoke.checks.filter(({ status }) => status === "PASS").map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        "certificate",
        "sign-in",
        "create",
        "redirect",
        "hsts",
        "closed-ports",
        "super-admin",
      ]),
    );
    expect(smoke.services.map(({ health }) => health)).toEqual(smoke.services.map(() => "healthy"));
  });

  test("a second up changes nothing, and asks nothing of the account", async () => {
    const { code, output } = await it.stack.up("--expect-no-changes");
    expect(code, output).toBe(0);
  });

  test("holds what was asked for: one tag on machine and firewall, backups, a volume of its own, a project", async () => {
    const droplet = await it.droplet();
    expect(droplet).toMatchObject({
      name: it.stack.prefix,
      status: "active",
      size_slug: "s-2vcpu-4gb",
      tags: [it.stack.prefix],
      features: expect.arrayContaining(["backups", "monitoring"]),
    });
    const [volume] = await it.list("volumes");
    expect(volume).toMatchObject({ droplet_ids: [droplet.id], filesystem_type: "ext4" });
    const [firewall] = await it.list("firewalls");
    expect(firewall).toMatchObject({ tags: [it.stack.prefix], status: "succeeded" });
    expect((await it.list("projects")).map(({ name }) => name)).toContain(it.stack.prefix);
    expect(await it.list("monitoring/alerts", "policies")).toHaveLength(3);
    expect(await it.list("uptime/checks")).toHaveLength(1);
  });
});

describe("seen from outside", () => {
  test("only 22, 80 and 443 answer, on both addresses", async () => {
    const { address } = await it.outputs();
    const own = (await it.sshTarget()).address;
    // Whatever listens on the machine, and what would if something had gone wrong.
    const inside = (await it.ssh("ss -Hltn | awk '{ print $4 }' | sed 's/.*://' | sort -un"))
      .split("\n")
      .map(Number);
    const ports = [...new Set([...inside, 22, 80, 443, 2375, 2376, 3000, 5432, 5433, 8080, 9000, 9001])];
    for (const host of [address, own])
      expect(
        (await Promise.all(ports.map((port) => answers(host, port)))).flat().sort((a, b) => a - b),
      ).toEqual([22, 80, 443]);
  });

  test("ssh refuses passwords, and another host key refuses the deployment", async () => {
    const target = await it.sshTarget();
    const methods = await it.ssh(
      "sshd -T | grep -E '^(passwordauthentication|kbdinteractiveauthentication|permitrootlogin)'",
    );
    expect(methods.split("\n").sort()).toEqual([
      "kbdinteractiveauthentication no",
      "passwordauthentication no",
      "permitrootlogin without-password",
    ]);
    const other = {
      ...target,
      hostKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
    };
    const refusal = await runOverSsh(other, "true").catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(SshError);
    expect((refusal as SshError).message).toContain("another host key");
  });

  test("the host key of the first boot, which is in the user data, is not in use any more", async () => {
    const state = JSON.parse(await it.stack.pulumi("stack", "export", "--show-secrets"));
    const first = state.deployment.resources.find(({ urn }: { urn: string }) =>
      urn.endsWith("-first-host-key"),
    );
    const inUse = await it.ssh("cat /etc/ssh/ssh_host_ed25519_key");
    expect(first.outputs.value.plaintext).toContain("OPENSSH PRIVATE KEY");
    expect(JSON.parse(first.outputs.value.plaintext).trim()).not.toBe(inUse);
  });
});

describe("upgrades", () => {
  test("an application change touches only the container that it is about", async () => {
    const before = await it.containerIds();
    const droplet = await it.droplet();
    it.stack.configure({ frontendEnv: { CUSTOM_COLORS: "green" } });
    succeeded(await it.stack.up());
    const after = await it.containerIds();
    const changed = Object.keys(after).filter((service) => after[service] !== before[service]);
    expect(changed).toEqual(["frontend"]);
    expect((await it.droplet()).id).toBe(droplet.id);
  });

  test("an image that cannot be pulled stops nothing, and the up fails saying so", async () => {
    const before = await it.containerIds();
    await using watcher = await WatchingClient.start(it);
    it.stack.configure({
      images: { backend: "atlas-sandbox.invalid/intelloop/atlas-cmms-backend:v0.0.0-missing" },
    });
    const { code, output } = await it.stack.up();
    expect(code).not.toBe(0);
    expect(output).toContain("an image cannot be pulled; nothing was touched");
    expect(output).toMatch(/next: /);
    expect(await it.containerIds()).toEqual(before);
    expect(await watcher.failures()).toEqual([]);
  });

  test("an image that does not start is taken back: the version before serves again", async () => {
    await using watcher = await WatchingClient.start(it);
    // It exists, and is no backend.
    it.stack.configure({
      images: { backend: "atlas-sandbox.invalid/alpine/minio:RELEASE.2025-10-15T17-29-55Z" },
    });
    const { code, output } = await it.stack.up();
    expect(code).not.toBe(0);
    expect(output).toMatch(/backend has (crashed|stopped)/);
    expect(output).toContain("serves again");
    await until("the version before to answer", 60, () => watcher.answersNow());
    const image = await it.ssh(`docker inspect --format '{{.Config.Image}}' ${it.stack.prefix}-backend`);
    expect(image).toContain("atlas-cmms-backend:v1.8.0");

    it.stack.configure({ images: undefined });
    succeeded(await it.stack.up());
    const releases = await it.ssh("find /var/lib/atlas/releases -mindepth 1 -maxdepth 1 -type d | wc -l");
    expect(Number(releases)).toBeLessThanOrEqual(5);
  });
});

describe("the machine", () => {
  // Last of one life of the backend, which counts in memory.
  test("a caller cannot choose the address by which Atlas counts it", async () => {
    const way = await it.way();
    const { apiUrl } = await it.outputs();
    const ask = (forwarded: string) =>
      fetch(`${apiUrl}/auth/signin`, {
        method: "POST",
        dispatcher: way,
        headers: { "content-type": "application/json", "x-forwarded-for": forwarded },
        body: JSON.stringify({ email: "nobody@example.com", password: "wrong-password", type: "CLIENT" }),
      }).then(async (response) => {
        await response.body?.cancel();
        return response.status;
      });
    const statuses: number[] = [];
    // The limit is 20 a minute and address.
    for (let i = 0; i < 30; i++) statuses.push(await ask(`203.0.113.${i}`));
    await way.destroy();
    expect(statuses).toContain(429);
  });

  test("comes back by itself after a reboot, clean and healthy", async () => {
    const { id } = await it.droplet();
    await it.act(id, "reboot");
    await healthy();
    const log = await it.ssh(`docker logs ${it.stack.prefix}-postgres 2>&1 | tail -n 60`);
    expect(log).toContain("database system is shut down");
    expect(log).not.toContain("was not properly shut down; automatic recovery");
  });

  test("runs nothing without its volume: Docker ends and begins with the mount", async () => {
    await it.ssh("systemctl stop var-lib-atlas.mount");
    expect(await it.ssh("systemctl is-active docker atlas || true")).toBe("inactive\ninactive");
    expect(await it.ssh("ls -A /var/lib/atlas")).toBe("");
    await it.ssh("systemctl start atlas", 180_000);
    expect(await it.ssh("findmnt --noheadings --output FSTYPE /var/lib/atlas")).toBe("ext4");
    await healthy();
  });

  test("a power cut while somebody writes loses nothing that was acknowledged", async () => {
    const client = await it.client({ maxRetries: 0 });
    const acknowledged: number[] = [];
    let cut = false;
    const writer = (async () => {
      while (!cut || acknowledged.length < 5) {
        const order = await client.workOrders
          .create({ title: `power ${acknowledged.length}` })
          .catch(() => undefined);
        if (order) acknowledged.push(order.id);
        else if (cut) return;
      }
    })();
    await until("some written work orders", 60, () => acknowledged.length >= 10);
    const { id } = await it.droplet();
    const cutting = it.act(id, "power_cycle");
    cut = true;
    await cutting;
    await writer;
    await healthy();
    const after = await it.client();
    for (const order of acknowledged) expect((await after.workOrders.get(order)).id).toBe(order);
    expect(acknowledged.length).toBeGreaterThanOrEqual(10);
  });

  test("a bigger volume has a bigger file system, a bigger droplet the same data and address", async () => {
    const before = await it.outputs();
    const size = () =>
      it.ssh("df --output=size -BG /var/lib/atlas | tail -n 1").then((text) => Number.parseInt(text, 10));
    expect(await size()).toBeLessThan(21);
    const { id } = await it.droplet();
    it.stack.configure({ volumeSize: "40", dropletSize: "s-4vcpu-8gb" });
    succeeded(await it.stack.up());
    expect(await size()).toBeGreaterThan(35);
    expect(await it.droplet()).toMatchObject({ id, size_slug: "s-4vcpu-8gb" });
    expect((await it.outputs()).address).toBe(before.address);
    expect((await it.outputs()).smoke.failed).toBe(0);
  });

  test("replaced on purpose, it has the same volume, address, work orders and certificate", async () => {
    const client = await it.client();
    const order = await client.workOrders.create({ title: "outlives the machine" });
    const identity = () => it.ssh("blkid -o value -s UUID /dev/disk/by-id/scsi-0DO_Volume_*");
    const before = { file: await identity(), certificate: await it.certificate(), ...(await it.outputs()) };
    const { id } = await it.droplet();
    const [volume] = await it.list("volumes");

    succeeded(await it.stack.up("--replace-droplet"));
    expect((await it.droplet()).id).not.toBe(id);
    expect((await it.list("volumes"))[0]?.id).toBe(volume?.id);
    expect(await identity()).toBe(before.file);
    expect((await it.outputs()).address).toBe(before.address);
    expect(await it.certificate()).toBe(before.certificate);
    expect((await (await it.client()).workOrders.get(order.id)).title).toBe("outlives the machine");
    expect((await it.outputs()).smoke.failed).toBe(0);
  });

  test("another image or first-boot script never replaces it in passing", async () => {
    const { id } = await it.droplet();
    it.stack.configure({ dropletImage: "debian-12-x64" });
    succeeded(await it.stack.up("--expect-no-changes"));
    expect((await it.droplet()).id).toBe(id);
    it.stack.configure({ dropletImage: undefined });
  });
});

describe("the end", () => {
  test("down leaves volume, address and network, and the next up goes on with the data", async () => {
    const { address } = await it.outputs();
    const certificate = await it.certificate();
    const order = await (await it.client()).workOrders.create({ title: "kept" });
    succeeded(await it.stack.down());
    const left = Object.fromEntries(
      await Promise.all(
        kinds.map(async (kind) => [kind, (await it.list(kind, listName(kind))).length] as const),
      ),
    );
    expect(left).toMatchObject({
      droplets: 0,
      volumes: 1,
      firewalls: 0,
      reserved_ips: 1,
      "account/keys": 0,
    });
    expect(await it.list("monitoring/alerts", "policies")).toEqual([]);

    succeeded(await it.stack.up());
    expect((await it.outputs()).address).toBe(address);
    expect(await it.certificate()).toBe(certificate);
    expect((await (await it.client()).workOrders.get(order.id)).title).toBe("kept");
  });

  test("down --delete-data takes volume and address, too", async () => {
    succeeded(await it.stack.down("--delete-data"));
    for (const kind of ["droplets", "volumes", "reserved_ips", "firewalls"])
      expect(await it.list(kind)).toEqual([]);
  });
});

const listName = (kind: string) => (kind === "account/keys" ? "ssh_keys" : kind);

/** The port where it takes a connection, else nothing. */
async function answers(host: string, port: number): Promise<number[]> {
  const socket = connect({ host, port, timeout: 2000 });
  const result = await Promise.race([
    once(socket, "connect").then(() => [port]),
    once(socket, "timeout").then(() => []),
  ]).catch(() => []);
  socket.destroy();
  return result;
}

/** Atlas answers the public, and every container is healthy. */
async function healthy(): Promise<void> {
  const { apiUrl } = await it.outputs();
  await until("Atlas after the machine's start", 180, async () => {
    const way: Agent = await it.way();
    const status = await fetch(`${apiUrl}/health-check`, {
      dispatcher: way,
      signal: AbortSignal.timeout(5000),
    })
      .then((response) => response.status)
      .catch(() => 0);
    await way.destroy();
    return status === 200;
  });
  await until("healthy containers", 120, async () => {
    const states = await it.ssh("docker ps --all --format '{{.Status}}'").catch(() => "");
    return states !== "" && states.split("\n").every((state) => state.includes("(healthy)"));
  });
}
