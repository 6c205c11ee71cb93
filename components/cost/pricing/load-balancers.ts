// Load balancers, by the node; a global one also by what goes through it.
import Big from "big.js";
import type { Line } from "../estimate.ts";
import type { PlannedResource } from "../resource.ts";
import { type Fault, faultOf, input, isFault, readCount, readText } from "./inputs.ts";
import { above, type Context, each, line, usageLine } from "./line.ts";

/** Nodes of the sizes that preceded `sizeUnit`. */
const oldSizes = new Map([
  ["lb-small", 1],
  ["lb-medium", 3],
  ["lb-large", 6],
]);
const defaultType = "REGIONAL";

export const loadBalancers = each((resource, context) => {
  const { inputs } = resource;
  const { loadBalancerNode } = context.book;
  const type = input(inputs, "type") === undefined ? defaultType : readText(inputs, "type");
  const known = !isFault(type) && Object.hasOwn(loadBalancerNode, type) ? loadBalancerNode[type] : undefined;
  return [
    line(context.book, {
      label: isFault(type) ? "Load balancer" : `Load balancer ${type}`,
      unit: "node",
      quantity: nodeCount(inputs),
      price:
        known ?? (isFault(type) ? type : faultOf("type", type, Object.keys(loadBalancerNode).join(" or "))),
    }),
    ...(type === "GLOBAL" ? extras(resource, context) : []),
  ];
});

function nodeCount(inputs: Record<string, unknown>): Big | Fault {
  const size = input(inputs, "size");
  if (input(inputs, "sizeUnit") !== undefined) return readCount(inputs, "sizeUnit");
  if (size === undefined) return Big(1);
  const nodes = typeof size === "string" ? oldSizes.get(size) : undefined;
  return nodes === undefined ? faultOf("size", size, [...oldSizes.keys()].join(" or ")) : Big(nodes);
}

function extras(resource: PlannedResource, { book, usageOf }: Context): Line[] {
  const { requests_million, transfer_gb, domains } = usageOf(resource);
  const extra = book.globalLoadBalancerExtras;
  const { source, seen, note } = extra;
  const position = (
    label: string,
    unit: string,
    used: Big | undefined,
    included: Big,
    price: Big,
    notes?: string,
  ) =>
    usageLine(book, {
      label: `${label} above ${included}`,
      unit,
      quantity: used && above(used, included),
      price: { price, source, seen, ...(notes && { note: notes }) },
    });
  return [
    position("Requests", "million", requests_million, extra.includedRequestsMillion, extra.requestsMillion),
    position("Transfer", "GB", transfer_gb, extra.includedTransferGB, extra.transferGB, note),
    position("Domains", "domain", domains, extra.includedDomains, extra.domain),
  ];
}
