/** What a resource looks like, as data: the bridge reads Check, Diff and previews out of it. */

export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };
export type Props = { [key: string]: Value };

interface Traits {
  /** Missing from the program is a check failure. */
  required?: boolean;
  default?: Value;
  /** A change makes a new object. */
  forceNew?: boolean;
  /** Only such a change makes a new object. */
  forceNewIf?: (old: Value | undefined, value: Value | undefined) => boolean;
  /** The provider fills it in when the program does not: unknown at preview, and leaving it out is no diff. */
  computed?: boolean;
  /** Leaving it out is no diff, though the provider does not fill it in. */
  keptWhenUnset?: boolean;
}

export interface ScalarSpec extends Traits {
  type: "string" | "number" | "boolean";
  /** `<resource name>-<7 hex>` when the program gives none. */
  autoname?: boolean;
  pattern?: RegExp;
  /** What is wrong with a value, or nothing; `name` is how the original calls the property. */
  validate?: (value: Value, name: string) => string | undefined;
  /** What the state holds instead of the value as given, such as a hash of it. */
  stored?: (value: Value) => Value;
  /** Two spellings of the same thing, such as 60s and 1m0s. */
  same?: (old: Value, value: Value) => boolean;
}

export interface CollectionSpec extends Traits {
  /** A set's order says nothing. */
  type: "list" | "set";
  item: PropertySpec;
  /** Outputs hold it sorted by value. */
  sorted?: boolean;
}

export interface MapSpec extends Traits {
  type: "map";
  item: PropertySpec;
}

export interface ObjectSpec extends Traits {
  type: "object";
  fields: Fields;
}

export type PropertySpec = ScalarSpec | CollectionSpec | MapSpec | ObjectSpec;
export type Fields = Record<string, PropertySpec>;

/** What a resource's functions may use. */
export interface Context<Client> {
  client: Client;
  /** Aborted when the engine cancels the deployment. */
  signal: AbortSignal;
  /** From the resource option customTimeouts; undefined when not given. */
  timeoutSeconds: number | undefined;
}

export interface Made {
  id: string;
  state: Props;
}

export interface ResourceDefinition<Client> {
  inputs: Fields;
  /** Properties that only the provider sets. */
  outputs: Fields;
  /** Recorded in the state as the bridge does, so that the original would know the shape. */
  schemaVersion?: number;
  deleteBeforeReplace?: boolean;
  /** Throws what no single property shows to be wrong; `state` is undefined before the object is made. */
  checkPlan?(state: Props | undefined, inputs: Props): void;
  /** Outputs that a change makes unknown until it is done. */
  unknownAfter?(state: Props, inputs: Props): string[];
  /** Whether a top-level property that looks changed is the same in the light of the others. */
  unchanged?(key: string, state: Props, inputs: Props): boolean;
  create(context: Context<Client>, inputs: Props): Promise<Made>;
  /** `known` is undefined at an import. Undefined when the object is gone. */
  read(context: Context<Client>, id: string, known: Props | undefined): Promise<Made | undefined>;
  update(context: Context<Client>, id: string, old: Props, inputs: Props): Promise<Props>;
  delete(context: Context<Client>, id: string, state: Props): Promise<void>;
}

/** A question to the provider, which changes nothing. */
export interface FunctionDefinition<Client> {
  inputs: Fields;
  outputs: Fields;
  call(context: Context<Client>, inputs: Props): Promise<Props>;
}

export interface ProviderDefinition<Client> {
  name: string;
  version: string;
  config: Fields;
  /** Fills what the environment gives; runs before Configure. */
  checkConfig(config: Props): Props;
  configure(config: Props): Promise<Client>;
  resources: Record<string, ResourceDefinition<Client>>;
  functions?: Record<string, FunctionDefinition<Client>>;
}

/**
 * The object is there but not as it was to be: it goes to the state as it is. After a creation the next update
 * replaces it, after an update the next update goes on from there.
 */
export class MadeButFailed extends Error {
  readonly made: Made;

  constructor(made: Made, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = "MadeButFailed";
    this.made = made;
  }
}

export const string = (traits: Omit<ScalarSpec, "type"> = {}): ScalarSpec => ({ type: "string", ...traits });
export const number = (traits: Omit<ScalarSpec, "type"> = {}): ScalarSpec => ({ type: "number", ...traits });
export const boolean = (traits: Omit<ScalarSpec, "type"> = {}): ScalarSpec => ({
  type: "boolean",
  ...traits,
});
export const object = (fields: Fields, traits: Traits = {}): ObjectSpec => ({
  type: "object",
  fields,
  ...traits,
});
export const list = (
  item: PropertySpec,
  traits: Omit<CollectionSpec, "type" | "item"> = {},
): CollectionSpec => ({
  type: "list",
  item,
  ...traits,
});
export const set = (
  item: PropertySpec,
  traits: Omit<CollectionSpec, "type" | "item"> = {},
): CollectionSpec => ({
  type: "set",
  item,
  ...traits,
});
export const stringMap = (traits: Traits = {}): MapSpec => ({ type: "map", item: string(), ...traits });
