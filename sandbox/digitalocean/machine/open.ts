// The machines of a twin of DigitalOcean on this machine: droplets are containers that boot, volumes are loop devices,
// public addresses are loopback addresses at which this process answers for the droplets.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { Stop } from "../../../scripts/lib/process.ts";
import type { Machines } from "../machines.ts";
import { openBooks } from "./books.ts";
import { cgroupRoot } from "./cgroup.ts";
import type { Host } from "./container.ts";
import { openDroplets } from "./droplets.ts";
import { openFront } from "./front.ts";
import { buildDropletImage } from "./image.ts";
import { networkOf, openNetwork } from "./network.ts";
import { turns } from "./turns.ts";
import { openVolumes } from "./volumes.ts";

export interface MachinesOptions {
  /** The twin's state. */
  folder: string;
  /** Of the public addresses, such as 127.80: the API hands out the addresses, and never one outside of it. */
  addressPrefix: string;
  /** The droplets' name server: the network's gateway unless given, the engine's own for "". */
  dns?: string;
  log: (line: string) => void;
}

export async function openMachines(
  options: MachinesOptions,
): Promise<Machines & { gateway: string; network: string }> {
  if (process.getuid?.() !== 0)
    throw new Stop(
      "The twin's droplets need loop devices and control groups, which take root: run this as root.",
    );
  const { folder, log } = options;
  const own = path.join(folder, "machines");
  const { books, save } = openBooks(own);
  const network = networkOf(folder);
  const gateway = await openNetwork(network);
  const host: Host = {
    network,
    image: await buildDropletImage(),
    cgroups: await cgroupRoot(),
    firmware: path.join(own, "firmware"),
  };
  mkdirSync(host.firmware, { recursive: true, mode: 0o700 });

  const inTurn = turns();
  const front = openFront({
    log,
    face: (id) => ({
      addresses: [
        books.droplets[id]?.publicAddress ?? [],
        Object.keys(books.reserved).filter((address) => books.reserved[address] === id),
      ].flat(),
      rules: books.droplets[id]?.rules,
    }),
    gone: (id) => droplets.wentOff(id),
  });
  const volumes = openVolumes({ folder, host, books, save, inTurn });
  const world = { dns: options.dns ?? gateway, root: path.join(folder, "root.crt") };
  const droplets = openDroplets({ host, world, books, save, inTurn, front, volumes, log });
  await droplets.findAgain();

  const checked = (address: string): string => {
    if (!address.startsWith(`${options.addressPrefix}.`))
      throw new Error(`${address} is none of the addresses ${options.addressPrefix}.x.y of this twin.`);
    return address;
  };
  return {
    network,
    gateway,
    createDroplet: async (spec) => {
      checked(spec.publicAddress);
      await droplets.create(spec);
    },
    destroyDroplet: droplets.destroy,
    power: droplets.power,
    isRunning: droplets.isRunning,
    resizeDroplet: droplets.resize,
    createVolume: volumes.create,
    destroyVolume: volumes.destroy,
    resizeVolume: volumes.resize,
    attachVolume: volumes.attach,
    detachVolume: volumes.detach,
    assignAddress: async (address, dropletId) => {
      if (dropletId === undefined) delete books.reserved[address];
      else books.reserved[checked(address)] = droplets.known(dropletId).id;
      save();
      await front.refresh();
    },
    setFirewall: async (dropletId, rules) => {
      droplets.known(dropletId).rules = rules;
      save();
      await front.refresh();
    },
    close: async () => front.close(),
  };
}
