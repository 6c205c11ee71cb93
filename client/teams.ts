import type { z } from "zod";
import type { Calls } from "./calls.ts";
import { sameText } from "./likeness.ts";
import type { CallOptions } from "./operation.ts";
import { type Kind, Resource } from "./resource.ts";
import {
  type Team,
  type TeamCreate,
  type TeamFilter,
  type TeamQuery,
  type TeamUpdate,
  teamCreateIn,
  teamFilterIn,
  teamOut,
  teamPageOut,
  teamQueryIn,
  teamUpdateIn,
} from "./schemas/team.ts";
import { type FilterField, textFilter } from "./search.ts";
import { escapeText } from "./text.ts";

interface Types {
  out: Team;
  create: TeamCreate;
  body: z.output<typeof teamCreateIn>;
  update: TeamUpdate;
  list: TeamQuery;
  iterate: TeamFilter;
  filter: z.output<typeof teamFilterIn>;
}

const KIND: Kind<Types> = {
  name: "teams",
  one: "team",
  many: "teams",
  path: "/teams",
  out: teamOut,
  page: teamPageOut,
  createIn: teamCreateIn,
  updateIn: teamUpdateIn,
  listIn: teamQueryIn,
  iterateIn: teamFilterIn,
  filters: teamFilters,
  label: ({ name }) => ({ field: "name", value: name }),
  alike: (team, body) => sameText(team.name, body.name) && sameText(team.description, body.description),
};

/** Teams, to which work orders may be assigned (upstream TeamController). Only administrators make and change them. */
export class Teams extends Resource<Types> {
  constructor(calls: Calls) {
    super(calls, KIND);
  }

  /** The team of that very name, capitals included; undefined when there is none. */
  findByName(name: string, options: CallOptions = {}): Promise<Team | undefined> {
    return this.named(name, options);
  }
}

function teamFilters(filter: Types["filter"]): FilterField[] {
  return [
    filter.text !== undefined &&
      textFilter({ name: escapeText(filter.text), description: escapeText(filter.text) }),
    filter.user && containsAny("users", [filter.user.id]),
  ].filter((field) => typeof field === "object");
}

function containsAny(field: string, values: readonly number[]): FilterField {
  return { field, operation: "inm", values, joinType: "LEFT" };
}
