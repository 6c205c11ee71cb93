// An upgrade of a droplet stack, as an up with a new backend is one, and for how long Atlas is away meanwhile: against
// the time that its backend takes to boot, which nobody can spare who has only one machine.
import { median, seconds, table } from "../numbers.ts";
import type { DropletBed } from "./bed.ts";
import { absence, watchDoor } from "./door-watch.ts";
import { backendBoot } from "./machine-record.ts";

export interface Upgrade {
  /** All in milliseconds. */
  up: number;
  /** From the last good answer through the public door to the first good one after. */
  downtime: number;
  /** Of it, until the new backend's container was started. */
  exchange: number;
  boot: number;
  /** Of it, from the backend's readiness to the first good answer. */
  seen: number;
}

/** @param attempt a number that no other upgrade of this stack has had */
export async function upgrade({ droplet, up, shell }: DropletBed, attempt: number): Promise<Upgrade> {
  // A variable that Atlas does not know: the container is another one, its behaviour the same.
  droplet.stack.configure({ backendEnv: { BENCH_UPGRADE: String(attempt) } });
  await using door = await watchDoor(droplet);
  const { begin, end } = await up();
  const away = absence(door.knocks);
  const { started, ready } = await backendBoot(await shell(), droplet.stack.container("backend"));
  if (started < begin)
    throw new Error(
      "the upgrade has left the backend's container as it was: there is no downtime to measure",
    );
  return {
    up: end - begin,
    downtime: away.end - away.begin,
    exchange: started - away.begin,
    boot: ready - started,
    seen: away.end - ready,
  };
}

export const downtimeVsBoot = ({ downtime, boot }: Upgrade): number => downtime / boot;

export function reportUpgrades(upgrades: Upgrade[]): string {
  const row = (name: string, of: (one: Upgrade) => number, text = seconds) => [
    name,
    ...upgrades.map((one) => text(of(one))),
    text(median(upgrades.map(of))),
  ];
  return `Upgrade of the backend
${table([
  ["", ...upgrades.map((_, index) => `upgrade ${index + 1}`), "median"],
  row("pulumi up", ({ up }) => up),
  row("downtime", ({ downtime }) => downtime),
  row("- until the new one starts", ({ exchange }) => exchange),
  row("- boot of the backend", ({ boot }) => boot),
  row("- until the door answers", ({ seen }) => seen),
  row("downtime / boot", downtimeVsBoot, (ratio) => ratio.toFixed(2)),
])}`;
}
