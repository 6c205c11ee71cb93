import { estimate } from "../../../../components/cost/estimate.ts";
import { priceBook } from "../../../../components/cost/price-book.ts";
import { tokenOf } from "../../../../components/cost/pricing/types.ts";
import type { PlannedResource } from "../../../../components/cost/resource.ts";
import type { Usage } from "../../../../components/cost/usage.ts";

type Inputs = Record<string, unknown>;

/** @param type class name at DigitalOcean, or another provider's whole token */
export const planned = (
  type: string,
  name: string,
  inputs: Inputs = {},
  uses: Record<string, string[]> = {},
): PlannedResource => ({
  type: type.includes(":") ? type : tokenOf(type),
  name,
  inputs,
  uses,
  protect: false,
});

export const priced = (resources: PlannedResource[], usage: Usage = {}) =>
  estimate(resources, priceBook(), usage);

/** The bill of a single resource. */
export function billOf(type: string, inputs: Inputs = {}, usage: Usage = {}) {
  const [resource] = priced([planned(type, "one", inputs)], usage).resources;
  if (!resource) throw new Error("The estimate forgot its resource.");
  return resource;
}

/** What tells why a price is not known, or what was assumed. */
export const notesOf = (type: string, inputs: Inputs = {}): string =>
  billOf(type, inputs)
    .lines.filter(({ usageBased }) => !usageBased)
    .map(({ note }) => note ?? "")
    .join("\n");
