// Volumes: disks that are attached to one droplet at a time.
import { readFileSync } from "node:fs";
import type { VolumeSpec } from "../machines.ts";
import type { Books, Volume } from "./books.ts";
import { type Host, look, runInside } from "./container.ts";
import { diskFile, growDisk, loopOf, loops, makeDisk, removeDisk, unloop } from "./disks.ts";
import { firmwareScript, type Plugged } from "./firmware.ts";
import { diskUse } from "./mounts.ts";
import type { Turns } from "./turns.ts";

interface Options {
  folder: string;
  host: Host;
  books: Books;
  save: () => void;
  inTurn: Turns;
}

export interface Volumes {
  create: (spec: VolumeSpec) => Promise<void>;
  destroy: (id: string) => Promise<void>;
  resize: (id: string, gibibytes: number) => Promise<void>;
  attach: (id: string, dropletId: number) => Promise<void>;
  detach: (id: string, dropletId: number) => Promise<void>;
  /** The disks that a droplet finds when it is switched on. */
  of: (dropletId: number) => Plugged[];
  /** For a droplet that is no more. */
  letGo: (dropletId: number) => Promise<void>;
}

export function openVolumes({ folder, host, books, save, inTurn }: Options): Volumes {
  const fileOf = (id: string) => diskFile(folder, id);
  const known = (id: string): Volume => {
    const volume = books.volumes[id];
    if (!volume) throw new Error(`There is no volume ${id}.`);
    return volume;
  };
  const attachedTo = (dropletId: number): Volume[] =>
    Object.values(books.volumes).filter((volume) => volume.dropletId === dropletId);
  /** The droplet's turn first, then the volume's: nobody waits in a circle. */
  const together = <T>(id: string, dropletId: number, work: () => Promise<T>): Promise<T> =>
    inTurn(`droplet ${dropletId}`, () => inTurn(`volume ${id}`, work));

  const plug = async (volume: Volume, dropletId: number) => {
    if (!(await look(host, dropletId)).running) return;
    const script = readFileSync(firmwareScript("plug"), "utf8");
    await runInside(host, dropletId, script, [loopOf(fileOf(volume.id)), volume.name]);
  };

  /** Returns whether its users inside were cut off, so that they may hold what is left of it for a while. */
  const unplug = async (volume: Volume, dropletId: number): Promise<boolean> => {
    const { running } = await look(host, dropletId);
    if (!running) return false;
    const script = readFileSync(firmwareScript("unplug"), "utf8");
    let cutOff = false;
    for (const { device, leaving } of loops(fileOf(volume.id))) {
      if (leaving) continue;
      const { points, heldElsewhere } = diskUse(running.pid, device);
      const args = [device, volume.name, heldElsewhere ? "yes" : "no", ...points];
      if ((await runInside(host, dropletId, script, args)).includes("was in use")) cutOff = true;
    }
    return cutOff;
  };

  return {
    create: (spec) =>
      inTurn(`volume ${spec.id}`, async () => {
        await makeDisk(fileOf(spec.id), spec);
        books.volumes[spec.id] ??= { id: spec.id, name: spec.name };
        save();
      }),
    destroy: (id) =>
      inTurn(`volume ${id}`, async () => {
        const dropletId = books.volumes[id]?.dropletId;
        if (dropletId !== undefined)
          throw new Error(`Volume ${id} is attached to droplet ${dropletId}: detach it first.`);
        await removeDisk(fileOf(id));
        delete books.volumes[id];
        save();
      }),
    resize: (id, gibibytes) => inTurn(`volume ${id}`, () => growDisk(fileOf(known(id).id), gibibytes)),
    attach: (id, dropletId) =>
      together(id, dropletId, async () => {
        const volume = known(id);
        if (!books.droplets[dropletId]) throw new Error(`There is no droplet ${dropletId}.`);
        if (volume.dropletId !== undefined && volume.dropletId !== dropletId)
          throw new Error(`Volume ${id} is attached to droplet ${volume.dropletId}: detach it first.`);
        volume.dropletId = dropletId;
        save();
        await plug(volume, dropletId);
      }),
    detach: (id, dropletId) =>
      together(id, dropletId, async () => {
        const volume = known(id);
        if (volume.dropletId !== dropletId) return;
        const cutOff = await unplug(volume, dropletId);
        if (!(await unloop(fileOf(id), cutOff ? 0 : undefined)) && !cutOff)
          throw new Error(
            `Volume ${id} is still mounted inside droplet ${dropletId}, by a process that "grep -l /dev/loop /proc/[0-9]*/mountinfo" names: stop it and detach again.`,
          );
        volume.dropletId = undefined;
        save();
      }),
    of: (dropletId) =>
      attachedTo(dropletId).map(({ id, name }) => ({ loop: loopOf(fileOf(id)), volume: name })),
    letGo: async (dropletId) => {
      for (const volume of attachedTo(dropletId)) {
        await unloop(fileOf(volume.id));
        volume.dropletId = undefined;
      }
      save();
    },
  };
}
