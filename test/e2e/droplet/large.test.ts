// The whole way on a droplet with 10,000 work orders and 100 files: the machine and its disk go, and with them the sets
// that lie there; what is left is the storage elsewhere and the key.
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runOverSsh } from "../../../components/hosts/ssh.ts";
import type { Manifest } from "../../../ops/backup/set.ts";
import { put } from "../../../ops/objects.ts";
import type { ActName } from "../../../ops/results.ts";
import { said, setId } from "../backups.ts";
import { downloaded, fill } from "../filling.ts";
import { addWorkOrders, digestsOfRows, parseDigests } from "../ops/content.ts";
import { run, until } from "../test-stack.ts";
import { DropletStack } from "./droplet-stack.ts";
import { StorageElsewhere } from "./storage-elsewhere.ts";

const byHand = 200;
const workOrders = 10_000;

let it: DropletStack;
let elsewhere: StorageElsewhere;

/** Name -> SHA-256 of what was uploaded. */
let files: Map<string, string>;
/** The set of it, and its state. */
let set: Manifest;
let whole: Record<string, string>;

beforeAll(async () => {
  it = await DropletStack.make({
    backendEnv: { LICENSE_KEY: "test-licence", STANDIN_LICENSE: "ALL", RATE_LIMIT_ENABLED: "false" },
    storage: "true",
  });
  elsewhere = await StorageElsewhere.open(it.stack.prefix);
  const { secretAccessKey, ...remote } = elsewhere.remote;
  it.stack.configure({ backupStorage: remote });
  await it.stack.setSecret("backupStorage.secretAccessKey", secretAccessKey);
  await it.stack.succeeds("up");
});
afterAll(() => it?.remove());

/** What statements print, on the droplet's database. */
async function sql(input: string): Promise<string> {
  const psql = `PGPASSWORD="$POSTGRES_PASSWORD" exec psql -X -qAt -v ON_ERROR_STOP=1 -h 127.0.0.1 -U atlas atlas`;
  const line = `docker exec -i ${it.stack.container("postgres")} sh -c '${psql}'`;
  const { code, stdout, output } = await runOverSsh(await it.sshTarget(), line, { input, timeoutMs: 60_000 });
  if (code !== 0) throw new Error(output.toString());
  return stdout.toString();
}

const rows = async () => parseDigests(await sql(digestsOfRows));
const starts = () =>
  it.ssh("docker inspect --format '{{.Name}} {{.State.StartedAt}}' $(docker ps --all --quiet)");
const results = async () => JSON.parse(await it.ssh("cat /var/lib/atlas/operations/results.json"));

/** For whoever reads the run: how long the last one took. */
async function tellSeconds(act: ActName): Promise<void> {
  console.log(`${act}: ${Math.round((await results())[act].last.seconds)} s`);
}

const manifestOf = async (id: string): Promise<Manifest> =>
  JSON.parse(await it.ssh(`cat /var/lib/atlas/operations/sets/${id}/manifest.json`));

test("a backup of all of it lies on the machine and elsewhere", async () => {
  await using client = await it.client();
  files = await fill(client, { orders: byHand, files: 100, largest: 10 * 2 ** 20 });
  await sql(addWorkOrders(workOrders - byHand));
  expect((await client.workOrders.list({ pageSize: 1 })).totalElements).toBe(workOrders);
  expect(await downloaded(client, await it.way())).toEqual(files);
  whole = await rows();
  const { out, output } = await it.stack.succeeds("backup");
  expect(output).toContain("the set is on the remote storage, read back and whole");
  console.log(out);
  await tellSeconds("backup");
  await tellSeconds("upload");
  set = await manifestOf(setId(out));
  expect(set.database.rows.work_order).toBe(workOrders);
  expect(set.objects?.count).toBe(files.size);
  const list = (await it.stack.succeeds("backup", "--list")).out;
  expect(list.split(set.id)).toHaveLength(3);
});

describe("storage elsewhere", () => {
  test("that is away is told and tried again, and the backup is done once it is back", async () => {
    await elsewhere.stop();
    const backup = run("scripts/backup", [it.stack.name, "--sandbox"]);
    await said(backup, "failed, and is tried again");
    expect((await results()).upload.last).toMatchObject({ ok: true, id: set.id });
    await elsewhere.start();
    const { code, out, output } = await backup.finished;
    expect(code, output).toBe(0);
    expect((await results()).upload.last).toMatchObject({ ok: true, id: setId(out) });
    expect((await it.stack.succeeds("backup", "--list")).out.split(setId(out))).toHaveLength(3);
  });

  test("that refuses is told at once, and the backup is not called done", async () => {
    await elsewhere.changePassword("another-password");
    const { code, out, output } = await it.stack.script("backup");
    await elsewhere.changePassword();
    expect(code).toBe(1);
    expect(out).toBe("");
    expect(output).toMatch(/failed at attempt 1; the set lies on this machine alone/);
    const status = await it.stack.script("status");
    expect(status.code).toBe(1);
    expect(status.out).toMatch(/Remote backup +failed on .*the set lies on this machine alone/);
  });

  test("that has half of a set has none", async () => {
    const id = "20260101T000000Z-00000a";
    const body = Readable.from([Buffer.from("half of it")]);
    await put(elsewhere.objects, { key: `sets/${id}/database.dump.age`, contentType: "", body });
    const before = await starts();
    const { code, output } = await it.stack.script("restore", id, "--yes");
    expect(code).toBe(1);
    expect(output).toContain(`there is no set ${id}`);
    expect(await starts()).toBe(before);
  });
});

test("a disk without room is told before a set is begun", async () => {
  const room = 8 * 2 ** 20;
  await it.ssh(
    `cd /var/lib/atlas; fallocate --length $(($(df --output=avail -B1 . | tail -1) - ${room})) filler`,
  );
  const { code, out, output } = await it.stack.script("backup");
  await it.ssh("rm /var/lib/atlas/filler");
  expect(code).toBe(1);
  expect(out).toBe("");
  expect(output).toMatch(/no set is begun: .* enlarge the disk/);
  expect((await it.stack.script("status")).out).toMatch(/Backup +failed on .*no set is begun/);
});

describe("a restore", () => {
  const started = () => run("scripts/restore", [it.stack.name, "--sandbox", set.id, "--yes"]);
  const spoil = () => sql("delete from work_order where id % 3 = 0; update work_order set title = 'altered'");

  test("is finished when the connection of whoever asked for it breaks", async () => {
    await spoil();
    const restore = started();
    await said(restore, "loading the database beside the live one");
    restore.cutPower();
    await until("the restore's end", 300, async () => (await results()).restore !== undefined);
    expect((await results()).restore.last).toMatchObject({ ok: true, id: set.id });
    expect(await rows()).toEqual(whole);
  });

  test("that a power cut ends is gone on with, and nobody comes in before", async () => {
    await spoil();
    const { id } = await it.droplet();
    const restore = started();
    await said(restore, "making the files the set's");
    await it.act(id, "power_cycle");
    expect((await restore.finished).code).not.toBe(0);
    const booted = () =>
      it.ssh("systemctl is-active atlas").then(
        (state) => state === "active",
        () => false,
      );
    await until("the machine's own start of Atlas", 180, booted);
    const running = (await it.ssh("docker ps --format '{{.Names}}'")).split("\n");
    expect(running.map((name) => name.slice(it.stack.prefix.length + 1)).sort()).toEqual([
      ...["frontend", "postgres", "storage"],
    ]);
    for (const script of ["up", "start"])
      expect((await it.stack.script(script)).output).toContain(`scripts/restore ${it.stack.name} ${set.id}`);
    await it.stack.succeeds("restore", set.id, "--yes");
    expect(await rows()).toEqual(whole);
    await using client = await it.client();
    expect(await downloaded(client, await it.way())).toEqual(files);
  });
});

describe("everything destroyed, data included,", () => {
  let adminPassword: string;
  let backupKey: string;

  beforeAll(async () => {
    ({ adminPassword } = await it.outputs());
    backupKey = (await it.stack.pulumi("stack", "output", "backupKey", "--show-secrets")).trim();
    await it.stack.succeeds("down", "--delete-data");
    expect(await it.list("droplets")).toEqual([]);
    expect(await it.list("volumes")).toEqual([]);
    await it.stack.succeeds("up");
  });

  test("does not come back without the key, and nothing is touched", async () => {
    const before = [await rows(), await starts()];
    const { code, output } = await it.stack.script("restore", set.id, "--yes");
    expect(code).toBe(1);
    expect(output).toContain("encrypted for another key");
    expect([await rows(), await starts()]).toEqual(before);
  });

  test("comes back with it: rows, files, and what serves them", async () => {
    await it.stack.setSecret("backupKey", backupKey);
    await it.stack.succeeds("up");
    expect(await rows()).not.toEqual(whole);
    await it.stack.succeeds("restore", set.id, "--yes");
    await tellSeconds("restore");
    expect(await rows()).toEqual(whole);

    // The new deployment has generated another password for the administrator; the set has the old one.
    await it.stack.setSecret("adminPassword", adminPassword);
    await it.stack.succeeds("up");
    expect((await it.stack.succeeds("smoke")).out).toContain("0 failed");
    await using client = await it.client();
    expect((await client.workOrders.list({ pageSize: 1 })).totalElements).toBe(workOrders);
    expect(await downloaded(client, await it.way())).toEqual(files);
  });

  test("and the next backup holds the same files, on the machine and elsewhere", async () => {
    const id = setId((await it.stack.succeeds("backup")).out);
    const { digest, count, totalBytes } = set.objects ?? {};
    expect((await manifestOf(id)).objects).toMatchObject({ digest, count, totalBytes });
    expect((await results()).upload.last).toMatchObject({ ok: true, id });
  });
});
