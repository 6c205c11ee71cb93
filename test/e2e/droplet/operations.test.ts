// Backups, drills, restores and the watch, on a droplet.
import { afterAll, beforeAll, expect, test } from "vitest";
import { setId, titles } from "../backups.ts";
import { DropletStack } from "./droplet-stack.ts";

let it: DropletStack;

beforeAll(async () => {
  it = await DropletStack.make();
  const { code, output } = await it.stack.up();
  expect(code, output).toBe(0);
});
afterAll(() => it.remove());

let kept: string;
const before: string[] = [];

test("a second up changes nothing", async () => {
  const { code, output } = await it.stack.up("--expect-no-changes");
  expect(code, output).toBe(0);
});

test("a backup each night is planned, and its settings are root's alone", async () => {
  expect(await it.ssh("systemctl list-timers atlas-daily.timer --no-legend")).toContain(
    "atlas-daily.service",
  );
  expect(await it.ssh("stat -c %a:%U /etc/atlas/deployment.json")).toBe("600:root");
});

test("what the timer does: a set, and a drill that proves it", async () => {
  await using client = await it.client();
  for (let i = 0; i < 8; i++) await client.workOrders.create({ title: `Order ${i}` });
  before.push(...(await titles(it)));
  await it.ssh("systemctl start atlas-daily.service", 300_000);
  kept = setId((await it.stack.succeeds("backup", "--list")).out);
  const results = JSON.parse(await it.ssh("cat /var/lib/atlas/operations/results.json"));
  expect(results).toMatchObject({
    backup: { last: { ok: true, id: kept } },
    drill: { last: { ok: true, id: kept } },
  });
  expect(await it.ssh("docker ps --all --format '{{.Names}}' | grep -c drill || true")).toBe("0");
});

test("a restore by hand brings back what was there", async () => {
  await using client = await it.client();
  await client.workOrders.create({ title: "Written after the backup" });
  const { code, output } = await it.stack.script("restore", kept);
  expect(code).toBe(1);
  expect(output).toContain("--yes");
  await it.stack.succeeds("restore", kept, "--yes");
  expect(await titles(it)).toEqual(before);
  expect((await it.stack.succeeds("smoke")).out).toContain("0 failed");
});

test("the watch tells how it is, on the machine's own address alone", async () => {
  expect(await it.ssh("curl -sf http://127.0.0.1:9464/metrics")).toMatch(/^# TYPE /m);
  expect(await it.ssh("ss -Hltn 'sport = :9464' | awk '{ print $4 }'")).toBe("127.0.0.1:9464");
  expect((await it.stack.script("status")).out).toContain(it.stack.name);
});
