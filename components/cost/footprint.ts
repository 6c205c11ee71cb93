// What local Docker takes instead of money, and what the same services would cost at DigitalOcean.
import { type Estimate, estimate } from "./estimate.ts";
import type { PriceBook } from "./price-book.ts";
import { reservedMemory } from "./reserved-memory.ts";
import type { PlannedResource } from "./resource.ts";

export interface Footprint {
  /** Sum of the containers' memory limits. */
  memoryMiB: number;
  /** Most that the containers' logs may take on disk. */
  logMiB: number;
  /** Named volumes; Docker sets them no limit. */
  volumes: string[];
  /** The cheapest droplet that holds them, with volume and backups; undefined where none is large enough. */
  elsewhere: { size: string; volumeGiB: number; backups: string; estimate: Estimate } | undefined;
}

/** What the machine itself needs besides the services: system, Docker, page cache. */
const systemMiB = 512;
/** Debian, Docker and two releases of the images. */
const systemDiskGiB = 20;

/**
 * @param resources of a plan on local Docker
 * @param droplet what the configuration would ask of DigitalOcean
 * @returns undefined where the plan has no containers
 */
export function footprint(
  resources: PlannedResource[],
  book: PriceBook,
  droplet: { volumeGiB: number; backups: string },
): Footprint | undefined {
  const containers = resources.filter(({ type }) => type === "docker:index/container:Container");
  if (containers.length === 0) return undefined;
  const memoryMiB = reservedMemory(resources);
  return {
    memoryMiB,
    logMiB: total(containers.map(({ inputs }) => logMiB(inputs.logOpts))),
    volumes: resources
      .filter(({ type }) => type === "docker:index/volume:Volume")
      .map(({ name, inputs }) => String(inputs.name ?? name))
      .toSorted(),
    elsewhere: elsewhere(memoryMiB + systemMiB, book, droplet),
  };
}

function elsewhere(
  memoryMiB: number,
  book: PriceBook,
  { volumeGiB, backups }: { volumeGiB: number; backups: string },
): Footprint["elsewhere"] {
  const size = cheapestDroplet(memoryMiB, book);
  if (size === undefined) return undefined;
  const planned = (type: string, name: string, inputs: Record<string, unknown>): PlannedResource => ({
    type,
    name,
    inputs,
    uses: {},
    protect: false,
  });
  return {
    size,
    volumeGiB,
    backups,
    estimate: estimate(
      [
        planned("digitalocean:index/droplet:Droplet", "droplet", {
          size,
          backups: backups !== "off",
          ...(backups !== "off" && { backupPolicy: { plan: backups } }),
        }),
        planned("digitalocean:index/volume:Volume", "volume", { size: volumeGiB }),
      ],
      book,
    ),
  };
}

function cheapestDroplet(memoryMiB: number, book: PriceBook): string | undefined {
  return Object.entries(book.droplets)
    .filter(([, { memoryMiB: has, diskGiB }]) => has >= memoryMiB && diskGiB >= systemDiskGiB)
    .toSorted(([a, { monthly: x }], [b, { monthly: y }]) => x.cmp(y) || (a < b ? -1 : 1))[0]?.[0];
}

/** `max-file` files of `max-size`, such as 10m. */
function logMiB(options: unknown): number {
  const { "max-size": size, "max-file": files } = (options ?? {}) as Record<string, unknown>;
  const [, amount, unit] = /^(\d+)([kmg])$/.exec(String(size)) ?? [];
  const factor = { k: 1 / 1024, m: 1, g: 1024 }[unit ?? ""];
  return factor === undefined ? 0 : Number(amount) * factor * Number(files ?? 1);
}

const total = (amounts: unknown[]) =>
  amounts
    .map(Number)
    .filter(Number.isFinite)
    .reduce((sum, amount) => sum + amount, 0);
