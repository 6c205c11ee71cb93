import { boolean, type Fields, type FunctionDefinition, list, object, string } from "../../bridge/schema.ts";
import type { DigitalOcean } from "../client.ts";
import { calling } from "../errors.ts";
import { listArguments, selected } from "./lists.ts";

interface Region {
  slug: string;
  name: string;
  available: boolean;
  sizes: string[];
  features: string[];
}

const record: Fields = {
  available: boolean(),
  features: list(string()),
  name: string(),
  sizes: list(string()),
  slug: string(),
};

export const getRegions: FunctionDefinition<DigitalOcean> = {
  inputs: listArguments(record),
  outputs: { id: string(), regions: list(object(record)) },
  async call({ client }, args) {
    const regions = await calling("Error retrieving regions", () =>
      client.list<Region>("regions", "regions"),
    );
    const records = regions.map(({ slug, name, available, sizes, features }) => ({
      slug,
      name,
      available,
      sizes,
      features,
    }));
    return { id: "regions", regions: selected(record, records, args) };
  },
};
