// Droplets: what becomes of them when they are made, switched on and off, or switch themselves off.
import type { DropletSpec, PowerAct } from "../machines.ts";
import type { Books, Droplet } from "./books.ts";
import {
  boot,
  containersOf,
  createContainer,
  cutPower,
  exitCodes,
  firmwareOf,
  type Host,
  idOf,
  look,
  nameOf,
  press,
  removeContainer,
  resizeContainer,
} from "./container.ts";
import { refreshFirmware, removeFirmware, writeFirmware } from "./firmware.ts";
import type { Front } from "./front.ts";
import type { Turns } from "./turns.ts";
import type { Volumes } from "./volumes.ts";

interface Options {
  host: Host;
  world: { dns: string; root: string };
  books: Books;
  save: () => void;
  inTurn: Turns;
  front: Front;
  volumes: Volumes;
  log: (line: string) => void;
}

export interface Droplets {
  create: (spec: DropletSpec) => Promise<void>;
  destroy: (id: number) => Promise<void>;
  power: (id: number, act: PowerAct) => Promise<void>;
  isRunning: (id: number) => Promise<boolean>;
  resize: (id: number, size: { memoryMiB: number; vcpus: number }) => Promise<void>;
  /** @throws Error where there is none */
  known: (id: number) => Droplet;
  /** Takes up what a process before this one has left. */
  findAgain: () => Promise<void>;
  /** To be told when a droplet's init has ended, whoever did that. */
  wentOff: (id: number) => void;
}

export function openDroplets(options: Options): Droplets {
  const { host, world, books, save, front, volumes, log } = options;
  const inTurn = <T>(id: number, work: () => Promise<T>) => options.inTurn(`droplet ${id}`, work);
  const known = (id: number): Droplet => {
    const droplet = books.droplets[id];
    if (!droplet) throw new Error(`There is no droplet ${id}.`);
    return droplet;
  };
  const setPowered = (id: number, powered: boolean) => {
    known(id).powered = powered;
    save();
  };

  const switchOn = async (id: number) => {
    setPowered(id, true);
    let { running } = await look(host, id);
    if (!running) {
      refreshFirmware(firmwareOf(host, id), volumes.of(id));
      running = await boot(host, id).catch(async (error: unknown) => {
        setPowered(id, (await look(host, id)).running !== undefined);
        throw error;
      });
    }
    front.show(id, running);
    await front.refresh();
  };
  const switchOff = async (id: number) => {
    setPowered(id, false);
    await cutPower(host, id);
    front.hide(id);
  };
  /** It stays on in the books until it is off: one that does not obey was not switched off. */
  const goDown = async (id: number, button: "poweroff" | "reboot") => {
    await press(host, id, button);
    front.hide(id);
  };

  const acts: Record<PowerAct, (id: number) => Promise<void>> = {
    power_on: switchOn,
    power_off: switchOff,
    shutdown: async (id) => {
      await goDown(id, "poweroff");
      setPowered(id, false);
    },
    reboot: async (id) => {
      await goDown(id, "reboot");
      await switchOn(id);
    },
    power_cycle: async (id) => {
      await switchOff(id);
      await switchOn(id);
    },
  };

  const remove = async (id: number) => {
    front.hide(id);
    await removeContainer(host, id);
    await volumes.letGo(id);
    removeFirmware(firmwareOf(host, id));
    for (const [address, dropletId] of Object.entries(books.reserved))
      if (dropletId === id) delete books.reserved[address];
    delete books.droplets[id];
    save();
  };

  /** A droplet that should be on, and is not, has been told to boot again from inside, or this machine has failed it. */
  const settle = async (id: number) => {
    if (!books.droplets[id]?.powered) return;
    const { running, exitCode } = await look(host, id);
    if (!running && exitCode === exitCodes.poweredOff) {
      log(`droplet ${id} has switched itself off`);
      setPowered(id, false);
      return;
    }
    if (!running && exitCode !== exitCodes.reboots)
      log(`droplet ${id} has lost its power (exit code ${exitCode}); it is switched on again`);
    await switchOn(id);
  };
  const settleInTurn = (id: number) =>
    inTurn(id, () => settle(id)).catch((error: unknown) => log(`droplet ${id} stays off: ${error}`));

  return {
    known,
    create: (spec) =>
      inTurn(spec.id, async () => {
        if (!books.droplets[spec.id]) {
          const { userData: _, publicKeys: __, ...droplet } = spec;
          // In the books first: what is made half is found again and taken away.
          books.droplets[spec.id] = { ...droplet, powered: false };
          save();
          writeFirmware(firmwareOf(host, spec.id), spec, world);
          await createContainer(host, spec).catch(async (error: unknown) => {
            await remove(spec.id);
            throw error;
          });
        }
        await switchOn(spec.id);
      }),
    destroy: (id) => inTurn(id, () => remove(id)),
    power: (id, act) => inTurn(id, () => acts[act](known(id).id)),
    isRunning: async (id) => {
      known(id);
      return (await look(host, id)).running !== undefined;
    },
    resize: (id, size) =>
      inTurn(id, async () => {
        Object.assign(known(id), { memoryMiB: size.memoryMiB, vcpus: size.vcpus });
        save();
        await resizeContainer(host, id, size);
      }),
    findAgain: async () => {
      const there = new Set(await containersOf(host));
      for (const id of Object.keys(books.droplets).map(Number)) {
        if (there.delete(nameOf(host, id))) await settleInTurn(id);
        else {
          log(`droplet ${id} has lost its disk and is forgotten`);
          await remove(id);
        }
      }
      for (const name of there) {
        log(`${name} belongs to no droplet and is removed`);
        await removeContainer(host, idOf(name));
      }
    },
    wentOff: (id) => void settleInTurn(id),
  };
}
