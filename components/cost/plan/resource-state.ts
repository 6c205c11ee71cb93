// A resource as Pulumi writes it down, in plans and in states (apitype.ResourceV3 of its Go SDK).
import { keyOfUrn, type PlannedResource, unknown } from "../resource.ts";

/** The fields of it that matter here. Whoever writes it leaves out what is empty or false. */
export interface ResourceState {
  urn: string;
  type: string;
  /** Made by a provider; components and the stack itself are not. */
  custom: boolean;
  /** The provider's name for it; missing before it is made. */
  id?: string;
  inputs?: Record<string, unknown>;
  /** By input, the URNs of the resources that it is made of; null for none. */
  propertyDependencies?: Record<string, string[] | null>;
  protect?: boolean;
  /** Only read here, and managed elsewhere. */
  external?: boolean;
  /** Deleted already, for a replacement that is not made yet. */
  pendingReplacement?: boolean;
  /** Its deletion leaves the thing itself alone. */
  retainOnDelete?: boolean;
}

/**
 * Checks one resource of a file. By hand, and without a copy: a plan may have tens of thousands.
 * @param path says where it stands in the file, for the error
 * @throws Error with path and value of a field that is not as Pulumi writes it
 */
export function assertResourceState(json: unknown, path: () => string): asserts json is ResourceState {
  if (!isObject(json)) throw unexpected(path(), json, "a resource");
  const wrong = (field: keyof ResourceState, expected: string) =>
    unexpected(`${path()}.${field}`, json[field], expected);
  const { urn, type, custom, id, inputs, propertyDependencies } = json;
  if (!isUrn(urn)) throw wrong("urn", "a URN");
  if (typeof type !== "string") throw wrong("type", "a text");
  if (typeof custom !== "boolean") throw wrong("custom", "true or false");
  if (id !== undefined && typeof id !== "string") throw wrong("id", "a text");
  if (inputs !== undefined && !isObject(inputs)) throw wrong("inputs", "an object");
  if (propertyDependencies !== undefined && !areDependencies(propertyDependencies))
    throw wrong("propertyDependencies", "lists of URNs");
  if (!isFlag(json.protect)) throw wrong("protect", "true or false");
  if (!isFlag(json.external)) throw wrong("external", "true or false");
  if (!isFlag(json.pendingReplacement)) throw wrong("pendingReplacement", "true or false");
  if (!isFlag(json.retainOnDelete)) throw wrong("retainOnDelete", "true or false");
}

const isFlag = (value: unknown): boolean => value === undefined || typeof value === "boolean";

/** `urn:pulumi:stack::project::type::name`. */
const isUrn = (value: unknown): value is string =>
  typeof value === "string" && value.startsWith("urn:pulumi:") && nameStart(value) > 0;

function areDependencies(value: unknown): boolean {
  if (!isObject(value)) return false;
  for (const key in value) {
    const urns = value[key];
    if (urns !== null && !(Array.isArray(urns) && urns.every(isUrn))) return false;
  }
  return true;
}

/** What this stack pays for, if anything: no components, no providers, nothing that it only reads. */
export const isManaged = ({ custom, external, type }: ResourceState): boolean =>
  custom && external !== true && !isInternal(type);

/** Pulumi's own: the stack, providers and references to other stacks. */
export const isInternal = (type: string): boolean => type.startsWith("pulumi:");

/**
 * Takes the inputs alone, and no outputs in their place: a resource that is not made yet has none, and must not cost
 * another amount once it is. What a provider fills in by itself, it writes to the inputs.
 * @param urn what it is called now, where that has changed
 */
export function plannedResource(state: ResourceState, urn = state.urn): PlannedResource {
  return {
    type: state.type,
    name: nameOf(urn),
    urn,
    inputs: withoutSecrets(state.inputs ?? {}),
    uses: usesOf(state.propertyDependencies ?? {}),
    protect: state.protect === true,
  };
}

/** Of a resource, from its URN; it may have colons in it. */
export const nameOf = (urn: string): string => urn.slice(nameStart(urn));

/** Behind the third double colon; -1 without it. */
function nameStart(urn: string): number {
  let start = 0;
  for (let part = 0; part < 3; part++) {
    const end = urn.indexOf("::", start);
    if (end < 0) return -1;
    start = end + 2;
  }
  return start;
}

/** Sorted: the SDK lists them as they come. */
function usesOf(dependencies: Record<string, string[] | null>): PlannedResource["uses"] {
  const uses: PlannedResource["uses"] = {};
  for (const input in dependencies) {
    const urns = dependencies[input];
    if (urns && urns.length > 0) uses[input] = urns.map(keyOfUrn).sort();
  }
  return uses;
}

const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** The same object where there is no secret, as in nearly all. */
function withoutSecrets(inputs: Record<string, unknown>): Record<string, unknown> {
  let plain = inputs;
  for (const key in inputs) {
    const value = inputs[key];
    const open = withoutSecret(value);
    if (open === value) continue;
    if (plain === inputs) plain = { ...inputs };
    plain[key] = open;
  }
  return plain;
}

/** A secret is its value where the file has it in the clear, as JSON in JSON, and not known otherwise. */
function withoutSecret(value: unknown): unknown {
  if (value === "[secret]") return unknown;
  if (Array.isArray(value))
    return value.some((item) => withoutSecret(item) !== item) ? value.map(withoutSecret) : value;
  if (!isObject(value)) return value;
  if (value[signature] !== secretSignature) return withoutSecrets(value);
  return typeof value.plaintext === "string" ? withoutSecret(JSON.parse(value.plaintext)) : unknown;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Says only the type of what is not a plain value: it may hold a secret. */
export function unexpected(path: string, value: unknown, expected: string): Error {
  const shown = typeof value === "object" && value !== null ? typeof value : JSON.stringify(value);
  return new Error(`${path} must be ${expected}, and is ${shown}: Pulumi has not written this file`);
}
