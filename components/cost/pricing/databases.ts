// Managed databases: nodes of a plan, and storage beyond what the plan includes.
import Big from "big.js";
import type { Line } from "../estimate.ts";
import type { PriceBook } from "../price-book.ts";
import { keyOf, type PlannedResource } from "../resource.ts";
import { type Fault, faultOf, input, isFault, readCount, readText } from "./inputs.ts";
import { each, line, type Price, type Product } from "./line.ts";
import { tokenOf } from "./types.ts";

const names: Record<string, string> = { pg: "PostgreSQL", mysql: "MySQL", valkey: "Valkey" };
const mibPerGiB = 1024;

export const databaseClusters = each(({ inputs }, { book }) => {
  const count = readCount(inputs, "nodeCount");
  return nodesOf(inputs, book, readText(inputs, "engine"), count, [
    !isFault(count) && count.gt(1) && book.databaseStandby.note,
    input(inputs, "storageAutoscale.enabled") === true && "the storage may grow by itself",
  ]);
});

/** Read-only copies, each a node of its own size; its cluster tells the engine. */
export const databaseReplicas: Product = (resources, { book, all }) => {
  const clusters = new Map(all(tokenOf("DatabaseCluster")).map((cluster) => [keyOf(cluster), cluster]));
  return resources.map((replica) => {
    const cluster = clusterOf(replica, clusters);
    return nodesOf(replica.inputs, book, cluster ? readText(cluster.inputs, "engine") : "pg", Big(1), [
      "priced as a node of its size",
      !cluster && "taken as PostgreSQL: its cluster is not in this plan",
    ]);
  });
};

const clusterOf = ({ uses }: PlannedResource, clusters: Map<string, PlannedResource>) =>
  (uses.clusterId ?? []).map((key) => clusters.get(key)).find((cluster) => cluster !== undefined);

function nodesOf(
  inputs: Record<string, unknown>,
  book: PriceBook,
  engine: string | Fault,
  count: Big | Fault,
  notes: (string | false | undefined)[],
): Line[] {
  const size = readText(inputs, "size");
  const plan = planOf(engine, size, book);
  const what = [isFault(engine) ? "Database" : (names[engine] ?? engine), isFault(size) ? "" : size];
  return [
    line(book, {
      label: what.join(" ").trim(),
      unit: "node",
      quantity: count,
      price: plan,
      note: notes.filter(Boolean).join("; ") || undefined,
    }),
    ...extraStorage(inputs, plan, count, book),
  ];
}

type Plan = Price & { storageGiB?: number | undefined };

function planOf(engine: string | Fault, size: string | Fault, book: PriceBook): Plan | Fault {
  if (isFault(engine)) return engine;
  if (isFault(size)) return size;
  const plan = book.databases.find((one) => one.engine === engine && one.slug === size);
  if (plan) return { ...plan, price: plan.monthly };
  return {
    fault: `${JSON.stringify(engine)} in size ${JSON.stringify(size)} is not in the price book of ${book.asOf}`,
  };
}

function extraStorage(
  inputs: Record<string, unknown>,
  plan: Plan | Fault,
  count: Big | Fault,
  book: PriceBook,
): Line[] {
  if (input(inputs, "storageSizeMib") === undefined) return [];
  const extra = extraGiB(inputs, plan, book.databaseStorageGiB.stepGiB);
  if (!isFault(extra) && extra.eq(0)) return [];
  return [
    line(book, {
      label: "Storage above the plan's",
      unit: "GiB",
      quantity: isFault(extra) || isFault(count) ? (isFault(extra) ? extra : count) : extra.times(count),
      price: book.databaseStorageGiB,
      note: `assumed: in steps of ${book.databaseStorageGiB.stepGiB} GiB, on each node`,
    }),
  ];
}

/** On one node. */
function extraGiB(inputs: Record<string, unknown>, plan: Plan | Fault, stepGiB: number): Big | Fault {
  const value = input(inputs, "storageSizeMib");
  // The provider's type is a text, and state files hold numbers too.
  if (!/^\d{1,12}$/.test(String(value))) return faultOf("storageSizeMib", value, "a whole number of MiB");
  if (isFault(plan)) return plan;
  if (plan.storageGiB === undefined)
    return { fault: "how much storage the plan includes is not in the price book" };
  const extra = Big(String(value)).div(mibPerGiB).minus(plan.storageGiB);
  return extra.lte(0) ? Big(0) : extra.div(stepGiB).round(0, Big.roundUp).times(stepGiB);
}
