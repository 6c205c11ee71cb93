// Reads the plan off the program itself: each resource as its constructor is called, before any is registered.
import * as pulumi from "@pulumi/pulumi";
import { keyOf, type PlannedResource, unknown } from "../resource.ts";

/**
 * Lists what the program declares from now on; the list grows as constructors run. Values that other resources or the
 * engine have yet to tell are `unknown`, also where a preview knows them from the state.
 */
export function declaredResources(): PlannedResource[] {
  const declared: PlannedResource[] = [];
  const keys = new Map<pulumi.Resource, string>();
  const isProtected = new Map<pulumi.Resource | undefined, boolean>();
  pulumi.runtime.registerStackTransformation(({ resource, type, name, props, opts }) => {
    const protect = opts.protect ?? isProtected.get(opts.parent) ?? false;
    isProtected.set(resource, protect);
    keys.set(resource, keyOf({ type, name }));
    if (!(resource instanceof pulumi.CustomResource)) return undefined;
    const given = Object.entries(props).filter(([, value]) => value !== undefined);
    declared.push({
      type,
      name,
      inputs: Object.fromEntries(given.map(([key, value]) => [key, plain(value)])),
      uses: Object.fromEntries(
        given
          .map(([key, value]) => [key, madeFrom(value).flatMap((one) => keys.get(one) ?? [])] as const)
          .filter(([, used]) => used.length > 0),
      ),
      protect,
    });
    return undefined;
  });
  return declared;
}

/** Secrets are outputs, so none gets through. */
function plain(value: unknown): unknown {
  if (pulumi.Output.isInstance(value) || value instanceof Promise || pulumi.Resource.isInstance(value))
    return unknown;
  if (Array.isArray(value)) return value.map(plain);
  if (!isPlainObject(value)) return typeof value === "function" ? unknown : value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, plain(inner)]),
  );
}

/** The resources whose outputs are in a value. The SDK keeps them at each output, without a type for it. */
function madeFrom(value: unknown): pulumi.Resource[] {
  if (pulumi.Output.isInstance(value)) {
    const { resources } = value as unknown as { resources: () => Set<pulumi.Resource> };
    return [...resources()];
  }
  if (pulumi.Resource.isInstance(value)) return [value];
  if (Array.isArray(value)) return value.flatMap(madeFrom);
  return isPlainObject(value) ? Object.values(value).flatMap(madeFrom) : [];
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !pulumi.Output.isInstance(value);
