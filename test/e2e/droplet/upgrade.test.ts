// Another version of Atlas on a droplet, and back: the release takes the set, shuts the door, and goes back by itself.
import { afterAll, beforeAll, expect, test } from "vitest";
import { docker } from "../../../ops/docker.ts";
import { twinFolder } from "../../../sandbox/cloud.ts";
import { pushImages } from "../../../sandbox/internet/push.ts";
import { titles } from "../backups.ts";
import { makeVersion } from "../ops/versions.ts";
import { DropletStack } from "./droplet-stack.ts";

let it: DropletStack;
const images: Record<string, string> = {};

beforeAll(async () => {
  it = await DropletStack.make();
  const { code, output } = await it.stack.up();
  expect(code, output).toBe(0);
  for (const kind of ["newer", "dying"] as const)
    images[kind] = await makeVersion(kind, `v9-${kind}-${it.stack.name}`);
  await pushImages(twinFolder, Object.values(images));
});
afterAll(async () => {
  await it.remove();
  await docker(["image", "rm", "--force", ...Object.values(images)]);
});

const backend = (image?: string) => it.stack.configure({ images: image && { backend: image } });
const serving = () => it.ssh(`docker inspect --format '{{.Config.Image}}' ${it.stack.prefix}-backend`);

async function write(title: string): Promise<void> {
  await using client = await it.client();
  await client.workOrders.create({ title });
}

test("an upgrade takes a set first, loses nothing, and opens the door again", async () => {
  await write("Written on the first version");
  backend(images.newer);
  const { output } = await it.stack.succeeds("up");
  expect(output).toContain("0 failed");
  expect(await serving()).toBe(images.newer);
  expect((await it.stack.succeeds("backup", "--list")).out).toMatch(/upgrade/);
  expect(await titles(it)).toEqual(["Written on the first version"]);
});

test("a rollback brings back version and data", async () => {
  await write("Written on the second version");
  const refused = await it.stack.script("rollback");
  expect(refused.output).toContain("work_order");
  await it.stack.succeeds("rollback", "--yes");
  expect(await serving()).toContain("atlas-cmms-backend:v1.8.0");
  expect(await titles(it)).toEqual(["Written on the first version"]);
  // The image is kept for as long as it may be wanted again, and not longer.
  expect(await it.ssh("docker image ls --format '{{.Tag}}'")).not.toContain("v9-newer");
});

test("a version that does not start is taken back by the release, with every write", async () => {
  await write("Written just before");
  backend(images.dying);
  const { code, output } = await it.stack.script("up");
  expect(code).not.toBe(0);
  expect(output).toMatch(/the release before it, [0-9a-f]{12}, serves again/);
  expect(await serving()).toContain("atlas-cmms-backend:v1.8.0");
  expect(await titles(it)).toEqual(["Written just before", "Written on the first version"]);
  backend();
  await it.stack.succeeds("up");
  expect((await it.stack.succeeds("smoke")).out).toContain("0 failed");
});

test("a new machine does not change the version of the data that it finds", async () => {
  backend(images.newer);
  const { code, output } = await it.stack.script("up", "--replace-droplet");
  expect(code).not.toBe(0);
  expect(output).toContain("this machine is new");
  backend();
  await it.stack.succeeds("up");
  expect(await titles(it)).toContain("Written just before");
});
