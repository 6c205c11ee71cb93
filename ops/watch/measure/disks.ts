import { stat, statfs } from "node:fs/promises";
import type { Deployment } from "../../deployment.ts";
import { docker } from "../../docker.ts";
import type { DiskFacts, Observation } from "../condition.ts";
import { type Attempt, fact } from "./fact.ts";

/** Of the sets, of Docker, and of the system: each file system once, by the first that lies there. */
export async function disks(deployment: Deployment, attempt: Attempt): Promise<Observation["disks"]> {
  const places = [
    { name: "data", path: async () => deployment.folder },
    { name: "docker", path: async () => (await docker(["info", "--format", "{{.DockerRootDir}}"])).trim() },
    { name: "system", path: async () => "/" },
  ];
  const looked = await Promise.all(
    places.map(async ({ name, path }) => ({
      name,
      fact: await fact(attempt, async () => measured(name, await path())),
    })),
  );
  const seen = new Set<number>();
  return looked.flatMap(({ name, fact }): Observation["disks"] => {
    if ("error" in fact) return [{ name, fact }];
    const { device, ...value } = fact.value;
    if (seen.has(device)) return [];
    seen.add(device);
    return [{ name, fact: { value } }];
  });
}

async function measured(name: string, path: string): Promise<DiskFacts & { device: number }> {
  const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(path);
  const { dev: device } = await stat(path);
  return {
    name,
    path,
    device,
    sizeBytes: blocks * bsize,
    usedBytes: (blocks - bfree) * bsize,
    freeBytes: bavail * bsize,
    inodes: files,
    inodesFree: ffree,
  };
}
