// What if: the bill with another size, with or without backups, with a managed database.
import type Big from "big.js";
import { estimate } from "./estimate.ts";
import type { PriceBook } from "./price-book.ts";
import { reservedMemory } from "./reserved-memory.ts";
import type { PlannedResource } from "./resource.ts";
import type { Usage } from "./usage.ts";

export interface Alternative {
  /** What would be other, such as "Next size down (s-1vcpu-2gb)". */
  label: string;
  /** The whole month's bill then; undefined where a price is not known. */
  monthly: Big | undefined;
  /** The command that makes it so, where there is one. */
  how?: string;
  /** What it would mean, such as memory that does not suffice. */
  note?: string;
}

const dropletType = "digitalocean:index/droplet:Droplet";
const databaseType = "digitalocean:index/databaseCluster:DatabaseCluster";

/**
 * @param stack of this project, whose commands make it so; without it no command is named
 * @returns none where the plan has no droplet of a size in the book
 */
export function alternatives(
  resources: PlannedResource[],
  book: PriceBook,
  stack?: string,
  usage: Usage = {},
): Alternative[] {
  const sizes = new Set(resources.filter(isDroplet).map(({ inputs }) => String(inputs.size)));
  if (sizes.size === 0 || ![...sizes].every((size) => size in book.droplets)) return [];
  const how = (command: string) =>
    stack !== undefined && { how: `pulumi config set ${command} --stack ${stack}` };
  const bill = (changed: PlannedResource[]): Big | undefined => {
    const { monthly, resources: priced } = estimate(changed, book, usage);
    return priced.some((one) => one.unknown) ? undefined : monthly;
  };

  const resized = (direction: "down" | "up"): Alternative[] => {
    const step = direction === "down" ? -1 : 1;
    const to = new Map([...sizes].map((size) => [size, neighbour(size, step, book)]));
    if ([...to.values()].includes(undefined)) return [];
    const [[from = "", only] = []] = to;
    const one = sizes.size === 1 && only !== undefined;
    const note = one && direction === "down" ? costsOf(from, only, book, reservedMemory(resources)) : "";
    return [
      {
        label: `Next size ${direction} (${one ? only : "each droplet"})`,
        monthly: bill(
          withDroplets(resources, (inputs) => ({ ...inputs, size: to.get(String(inputs.size)) })),
        ),
        ...(one && how(`atlas:dropletSize ${only}`)),
        ...(note && { note }),
      },
    ];
  };

  const backups = (plan: "off" | "weekly" | "daily"): Alternative[] =>
    resources.filter(isDroplet).every(({ inputs }) => backupsOf(inputs) === plan)
      ? []
      : [
          {
            label: plan === "off" ? "Backups off" : `Backups ${plan}`,
            monthly: bill(
              withDroplets(resources, ({ backupPolicy: _, ...inputs }) => ({
                ...inputs,
                backups: plan !== "off",
                ...(plan !== "off" && { backupPolicy: { plan } }),
              })),
            ),
            ...how(`atlas:backups ${plan}`),
            ...(plan === "off" &&
              stack !== undefined && { note: "atlas:backupsWaiver must say why, in words" }),
          },
        ];

  return [
    ...resized("down"),
    ...resized("up"),
    ...backups("off"),
    ...backups("weekly"),
    ...backups("daily"),
    ...managedPostgres(resources, book, bill),
  ];
}

function managedPostgres(
  resources: PlannedResource[],
  book: PriceBook,
  bill: (changed: PlannedResource[]) => Big | undefined,
): Alternative[] {
  if (resources.some(({ type }) => type === databaseType)) return [];
  const [smallest] = book.databases
    .filter(({ engine }) => engine === "pg")
    .toSorted((a, b) => a.monthly.cmp(b.monthly));
  if (!smallest) return [];
  const cluster: PlannedResource = {
    type: databaseType,
    name: "what-if",
    inputs: { engine: "pg", size: smallest.slug, nodeCount: 1 },
    uses: {},
    protect: false,
  };
  return [
    {
      label: `Managed PostgreSQL besides (${smallest.slug}, one node)`,
      monthly: bill([...resources, cluster]),
      note: "this project does not deploy one: for comparison only",
    },
  ];
}

/** The next one of the same family and CPU, by price. */
function neighbour(size: string, step: number, { droplets }: PriceBook): string | undefined {
  const own = droplets[size];
  const like = Object.entries(droplets)
    .filter(([, { family, cpu }]) => family === own?.family && cpu === own?.cpu)
    .toSorted(([, a], [, b]) => a.monthly.cmp(b.monthly) || a.memoryMiB - b.memoryMiB)
    .map(([slug]) => slug);
  return like[like.indexOf(size) + step];
}

/** What a smaller size takes away. */
function costsOf(from: string, to: string, { droplets }: PriceBook, needsMiB: number): string {
  const [before, after] = [droplets[from], droplets[to]];
  if (!before || !after) return "";
  return [
    after.memoryMiB < needsMiB &&
      `its ${after.memoryMiB} MiB do not hold the ${needsMiB} MiB that the services may take`,
    after.diskGiB < before.diskGiB &&
      "its disk is smaller, so it needs a new droplet (the data stays on its volume)",
  ]
    .filter(Boolean)
    .join("; ");
}

const isDroplet = ({ type }: PlannedResource) => type === dropletType;

const backupsOf = ({ backups, backupPolicy }: Record<string, unknown>): unknown =>
  backups === true ? ((backupPolicy as { plan?: unknown } | undefined)?.plan ?? "weekly") : "off";

const withDroplets = (
  resources: PlannedResource[],
  changed: (inputs: Record<string, unknown>) => Record<string, unknown>,
): PlannedResource[] =>
  resources.map((resource) =>
    isDroplet(resource) ? { ...resource, inputs: changed(resource.inputs) } : resource,
  );
