import type { z } from "zod";
import type { Calls } from "./calls.ts";
import { sameText } from "./likeness.ts";
import type { CallOptions } from "./operation.ts";
import { type Kind, Resource } from "./resource.ts";
import {
  type Location,
  type LocationCreate,
  type LocationFilter,
  type LocationQuery,
  type LocationUpdate,
  locationCreateIn,
  locationFilterIn,
  locationOut,
  locationPageOut,
  locationQueryIn,
  locationUpdateIn,
} from "./schemas/location.ts";
import { type FilterField, refersTo, textFilter } from "./search.ts";
import { escapeText } from "./text.ts";

interface Types {
  out: Location;
  create: LocationCreate;
  body: z.output<typeof locationCreateIn>;
  update: LocationUpdate;
  list: LocationQuery;
  iterate: LocationFilter;
  filter: z.output<typeof locationFilterIn>;
}

const KIND: Kind<Types> = {
  name: "locations",
  one: "location",
  many: "locations",
  path: "/locations",
  out: locationOut,
  page: locationPageOut,
  createIn: locationCreateIn,
  updateIn: locationUpdateIn,
  listIn: locationQueryIn,
  iterateIn: locationFilterIn,
  filters: locationFilters,
  label: ({ name }) => ({ field: "name", value: name }),
  alike: (location, body) =>
    sameText(location.name, body.name) &&
    sameText(location.address, body.address) &&
    location.parentLocation?.id === body.parentLocation?.id,
};

/**
 * Locations (atlas-api 9). Without a licence there may be 10 of them: a further `create` is an AtlasLicenseError. What
 * refers to a deleted location stays, without a location.
 */
export class Locations extends Resource<Types> {
  constructor(calls: Calls) {
    super(calls, KIND);
  }

  /** The location of that very name, capitals included; undefined when there is none. */
  findByName(name: string, options: CallOptions = {}): Promise<Location | undefined> {
    return this.named(name, options);
  }
}

function locationFilters(filter: Types["filter"]): FilterField[] {
  return [
    filter.text !== undefined && inNameAndOthers(filter.text),
    filter.parentLocation && refersTo("parentLocation", filter.parentLocation),
  ].filter((field) => typeof field === "object");
}

function inNameAndOthers(text: string): FilterField {
  const stored = escapeText(text);
  return textFilter({ name: stored, address: stored, customId: text });
}
