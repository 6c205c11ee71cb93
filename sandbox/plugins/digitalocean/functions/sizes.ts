import {
  boolean,
  type Fields,
  type FunctionDefinition,
  list,
  number,
  object,
  string,
} from "../../bridge/schema.ts";
import type { DigitalOcean } from "../client.ts";
import { calling } from "../errors.ts";
import { listArguments, selected } from "./lists.ts";

interface Size {
  slug: string;
  available: boolean;
  transfer: number;
  price_monthly: number;
  price_hourly: number;
  memory: number;
  vcpus: number;
  disk: number;
  regions: string[];
}

const record: Fields = {
  available: boolean(),
  disk: number(),
  memory: number(),
  priceHourly: number(),
  priceMonthly: number(),
  regions: list(string()),
  slug: string(),
  transfer: number(),
  vcpus: number(),
};

export const getSizes: FunctionDefinition<DigitalOcean> = {
  inputs: listArguments(record),
  outputs: { id: string(), sizes: list(object(record)) },
  async call({ client }, args) {
    const sizes = await calling("Error retrieving sizes", () => client.list<Size>("sizes", "sizes"));
    const records = sizes.map((size) => ({
      slug: size.slug,
      available: size.available,
      transfer: size.transfer,
      priceMonthly: size.price_monthly,
      priceHourly: size.price_hourly,
      memory: size.memory,
      vcpus: size.vcpus,
      disk: size.disk,
      regions: size.regions,
      gpuInfos: [],
    }));
    return { id: "sizes", sizes: selected(record, records, args) };
  },
};
