import type { z } from "zod";
import type { Calls } from "./calls.ts";
import { sameText } from "./likeness.ts";
import type { CallOptions } from "./operation.ts";
import { type Kind, Resource } from "./resource.ts";
import {
  type Asset,
  type AssetCreate,
  type AssetFilter,
  type AssetQuery,
  type AssetUpdate,
  assetCreateIn,
  assetFilterIn,
  assetOut,
  assetPageOut,
  assetQueryIn,
  assetUpdateIn,
} from "./schemas/asset.ts";
import { type FilterField, notArchived, refersTo, textFilter } from "./search.ts";
import { escapeText } from "./text.ts";

interface Types {
  out: Asset;
  create: AssetCreate;
  body: z.output<typeof assetCreateIn>;
  update: AssetUpdate;
  list: AssetQuery;
  iterate: AssetFilter;
  filter: z.output<typeof assetFilterIn>;
}

const KIND: Kind<Types> = {
  name: "assets",
  one: "asset",
  many: "assets",
  path: "/assets",
  out: assetOut,
  page: assetPageOut,
  createIn: assetCreateIn,
  updateIn: assetUpdateIn,
  listIn: assetQueryIn,
  iterateIn: assetFilterIn,
  filters: assetFilters,
  label: ({ name }) => ({ field: "name", value: name }),
  alike: (asset, body) =>
    sameText(asset.name, body.name) &&
    sameText(asset.description, body.description) &&
    sameText(asset.serialNumber, body.serialNumber) &&
    asset.location?.id === body.location?.id,
};

/**
 * Assets (atlas-api 9). Without a licence there may be 50 of them, and none may have a `parentAsset`: `create` is an
 * AtlasLicenseError then. The work orders of a deleted asset stay, without an asset.
 */
export class Assets extends Resource<Types> {
  constructor(calls: Calls) {
    super(calls, KIND);
  }

  /** The asset of that very name, capitals included; undefined when there is none. */
  findByName(name: string, options: CallOptions = {}): Promise<Asset | undefined> {
    return this.named(name, options);
  }
}

function assetFilters(filter: Types["filter"]): FilterField[] {
  return [
    filter.text !== undefined && inNameAndOthers(filter.text),
    filter.location && refersTo("location", filter.location),
    filter.includeArchived !== true && notArchived,
  ].filter((field) => typeof field === "object");
}

function inNameAndOthers(text: string): FilterField {
  const stored = escapeText(text);
  return textFilter({
    name: stored,
    customId: text,
    serialNumber: stored,
    barCode: text,
    description: stored,
  });
}
