// Kubernetes clusters: the first pool's nodes, and a control plane that is free unless it is highly available.
import type { Line } from "../estimate.ts";
import type { PriceBook } from "../price-book.ts";
import { nodes } from "./droplets.ts";
import { type Fault, input, isFault, readFlag, readText } from "./inputs.ts";
import { each, line, unpricedLine } from "./line.ts";

type Inputs = Record<string, unknown>;

export const kubernetesClusters = each((resource, context) => [
  ...controlPlane(resource.inputs, context.book),
  ...nodes(resource, context, "nodePool."),
  ...isolation(resource.inputs, context.book),
]);

function controlPlane(inputs: Inputs, book: PriceBook): Line[] {
  const asked = input(inputs, "ha") === undefined ? byDefault(inputs) : readFlag(inputs, "ha");
  if (asked === false) return [];
  return [
    line(book, {
      label: "Control plane, highly available",
      unit: "cluster",
      price: isFault(asked) ? asked : book.kubernetesHighAvailability,
    }),
  ];
}

/** From 1.36.0 on, `ha` is true unless the program says otherwise (kubernetesCluster.d.ts of @pulumi/digitalocean 4.80.1). */
function byDefault(inputs: Inputs): boolean | Fault {
  const version = readText(inputs, "version");
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(isFault(version) ? "" : version) ?? [];
  if (major === undefined)
    return { fault: "`ha` is not set, and its default depends on `version`, which names no release" };
  return Number(major) > 1 || Number(minor) >= 36;
}

function isolation(inputs: Inputs, book: PriceBook): Line[] {
  const isolated = readFlag(inputs, "isolatedWorkers");
  if (isolated === false) return [];
  const fault = isFault(isolated)
    ? isolated.fault
    : "this book has no price of workers on hardware of their own";
  return [unpricedLine(book, "Isolated workers", fault)];
}
