// Droplets, and whatever else runs on them: autoscale pools and the nodes of Kubernetes.
import Big from "big.js";
import type { Line } from "../estimate.ts";
import { money } from "../money.ts";
import type { PriceBook } from "../price-book.ts";
import type { PlannedResource } from "../resource.ts";
import { type Fault, faultOf, input, isFault, readCount, readFlag, readText } from "./inputs.ts";
import { type Context, each, line, type Position, type Price, perHour, usageLine } from "./line.ts";
import { remembered } from "./remembered.ts";

type Inputs = Record<string, unknown>;

export const droplets = each((resource, context) => {
  const size = readText(resource.inputs, "size");
  const price = sizePrice(size, context.book);
  return [
    machines(context.book, size, price, { label: "Droplet", unit: "droplet" }),
    ...backups(resource.inputs, price, context.book),
    outbound(resource, context),
  ];
});

export const autoscalePools = each((resource, context) => {
  const { inputs } = resource;
  const size = readText(inputs, "dropletTemplate.size");
  const price = sizePrice(size, context.book);
  const fixed = input(inputs, "config.targetNumberInstances") !== undefined;
  return [
    machines(context.book, size, price, {
      label: "Droplets",
      unit: "droplet",
      quantity: readCount(inputs, fixed ? "config.targetNumberInstances" : "config.minInstances"),
      note: fixed ? undefined : atMost(inputs, "config.maxInstances", price),
    }),
    outbound(resource, context),
  ];
});

export const nodePools = each((resource, context) => nodes(resource, context));

/**
 * The nodes of a Kubernetes pool.
 * @param at where the pool lies in the inputs, such as `nodePool.`
 */
export function nodes(resource: PlannedResource, context: Context, at = ""): Line[] {
  const { inputs } = resource;
  const size = readText(inputs, `${at}size`);
  const price = sizePrice(size, context.book);
  const scales = readFlag(inputs, `${at}autoScale`);
  return [
    machines(context.book, size, price, {
      label: "Nodes",
      unit: "node",
      quantity: isFault(scales) ? scales : readCount(inputs, `${at}${scales ? "minNodes" : "nodeCount"}`, 0),
      note: scales === true ? atMost(inputs, `${at}maxNodes`, price) : undefined,
    }),
    outbound(resource, context),
  ];
}

/** What a machine of a size costs. */
export interface SizePrice extends Price {
  hourly: Big;
  uncapped: boolean;
}

/** By the book's own row, or by the pieces of which v5 droplets are sold. */
export const sizePrice = (size: string | Fault, book: PriceBook): SizePrice | Fault =>
  isFault(size) ? size : priceOfSize(size, book);

const priceOfSize = remembered((size, book): SizePrice | Fault => {
  const row = Object.hasOwn(book.droplets, size) ? book.droplets[size] : undefined;
  if (row) return { ...row, price: row.monthly, uncapped: !isBundled(row, book) };
  return (
    ofPieces(size, book) ?? {
      fault: `the size ${JSON.stringify(size)} is not in the price book of ${book.asOf}`,
    }
  );
});

/** Whether the published month is the capped one, and not one of 31 days: the nearer of the two. */
const isBundled = (
  { monthly, hourly }: { monthly: Big; hourly: Big },
  { capHours, dropletPieces }: PriceBook,
) => monthly.times(2).lt(hourly.times(capHours + dropletPieces.monthHours));

function ofPieces(size: string, { dropletPieces }: PriceBook): SizePrice | undefined {
  const [, kind, vcpus, memory, disk] = /^([sg])5-(\d{1,4})vcpu-(\d{1,5})gb-(\d{1,6})gb$/.exec(size) ?? [];
  if (!vcpus || !memory || !disk) return undefined;
  const { sharedVcpuHour, dedicatedVcpuHour, memoryGiBHour, diskGiBHour, monthHours, source, seen } =
    dropletPieces;
  const hourly = (kind === "s" ? sharedVcpuHour : dedicatedVcpuHour)
    .times(vcpus)
    .plus(memoryGiBHour.times(memory))
    .plus(diskGiBHour.times(disk));
  return {
    price: hourly.times(monthHours).round(2, Big.roundHalfUp),
    hourly: hourly.round(5, Big.roundHalfUp),
    uncapped: true,
    source,
    seen,
    note: `billed by the hour without a monthly cap; a month is ${monthHours} hours`,
  };
}

function machines(
  book: PriceBook,
  size: string | Fault,
  price: SizePrice | Fault,
  position: Omit<Position, "price">,
): Line {
  return line(book, {
    ...position,
    label: isFault(size) ? position.label : `${position.label} ${size}`,
    price,
    hasMinimum: true,
    uncapped: !isFault(price) && price.uncapped,
  });
}

function backups(inputs: Inputs, size: SizePrice | Fault, book: PriceBook): Line[] {
  const policy = input(inputs, "backupPolicy");
  const wanted = readFlag(inputs, "backups", policy !== undefined);
  if (wanted === false) return [];
  const plan = isFault(wanted) ? wanted : policy === undefined ? "weekly" : backupPlan(inputs);
  return [
    line(book, {
      label: isFault(plan) ? "Backups" : `Backups, ${plan}`,
      unit: "droplet",
      price: isFault(plan) ? plan : isFault(size) ? size : backupPrice(plan, size, book),
      uncapped: !isFault(size) && size.uncapped,
    }),
  ];
}

function backupPlan(inputs: Inputs): "weekly" | "daily" | Fault {
  const plan = input(inputs, "backupPolicy.plan");
  return plan === "weekly" || plan === "daily" ? plan : faultOf("backupPolicy.plan", plan, "weekly or daily");
}

function backupPrice(plan: "weekly" | "daily", size: SizePrice, book: PriceBook): Price {
  const { weeklyPercent, dailyPercent, source, seen } = book.backups;
  const percent = plan === "weekly" ? weeklyPercent : dailyPercent;
  const share = percent.div(100);
  const price = size.price.times(share);
  return {
    price,
    hourly: size.uncapped ? size.hourly.times(share).round(5, Big.roundHalfUp) : perHour(book, price),
    source,
    seen,
    note: `${percent} % of the droplet's price`,
  };
}

const outbound = (resource: PlannedResource, { book, usageOf }: Context): Line =>
  usageLine(book, {
    label: "Outbound transfer above the allowance",
    unit: "GiB",
    quantity: usageOf(resource).egress_overage_gib,
    price: book.outboundGiB,
  });

/** What a pool that has grown as far as it may would cost. */
function atMost(inputs: Inputs, path: string, price: Price | Fault): string | undefined {
  const most = readCount(inputs, path);
  if (isFault(most)) return `scales by itself; ${most.fault}`;
  return isFault(price)
    ? undefined
    : `scales by itself, up to ${most} for ${money(price.price.times(most))} a month`;
}
