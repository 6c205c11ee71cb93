/*
 * Names of the spans: atlas_<verb>_<record>, derived from the operation's own name so that no operation can lack one.
 */

/**
 * By operation. At first those for which the rule would give a clumsy name, or for which the founding documents fixed
 * another one; then each that the rule gave, since it is asked at every call.
 */
const names = new Map([
  ["session.signIn", "atlas_authenticate"],
  ["session.refresh", "atlas_refresh_session"],
  ["users.me", "atlas_get_me"],
  ["workOrders.changeStatus", "atlas_change_work_order_status"],
  // atlas_request is one HTTP request, whichever operation sends it.
  ["request", "atlas_raw_request"],
]);

/** Verbs that are about many records. */
const PLURAL_VERBS = new Set(["list", "search", "iterate"]);

/** @param operation e.g. `workOrders.create`; gives `atlas_create_work_order`. */
export function spanName(operation: string): string {
  const known = names.get(operation);
  if (known !== undefined) return known;
  const name = nameByRule(operation);
  names.set(operation, name);
  return name;
}

function nameByRule(operation: string): string {
  const [resource, verb] = operation.split(".");
  if (resource === undefined || verb === undefined) return `atlas_${snakeCase(operation)}`;
  const records = snakeCase(resource);
  return `atlas_${snakeCase(verb)}_${PLURAL_VERBS.has(verb) ? records : singular(records)}`;
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function singular(records: string): string {
  return records.replace(/ies$/, "y").replace(/s$/, "");
}

/**
 * A path with its ids taken out, for attributes that should have few values and name nobody.
 * @example "/work-orders/7?x=1" gives "/work-orders/{id}"
 */
export function pathTemplate(path: string): string {
  const [bare = ""] = path.split("?");
  return bare
    .split("/")
    .map((part) => (ID.test(part) ? "{id}" : part))
    .join("/");
}

/** A number, an address, or something too long to be a word. */
const ID = /^\d+$|@|%40|.{33}/;
