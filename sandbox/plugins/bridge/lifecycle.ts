import { complete, importedInputs, plannedCreate, plannedUpdate, refreshedInputs } from "./outputs.ts";
import type { Context, Made, Props, ResourceDefinition } from "./schema.ts";
import { MadeButFailed } from "./schema.ts";
import { META, UNKNOWN, withoutNotes } from "./values.ts";
import { initFailed } from "./wire.ts";

/** Create, Read, Update and Delete of one resource, in plain objects and with the bridge's error texts. */

export interface Target<Client> {
  definition: ResourceDefinition<Client>;
  context: Context<Client>;
  urn: string;
}

export async function create<Client>(target: Target<Client>, inputs: Props, preview: boolean): Promise<Made> {
  const { definition, context, urn } = target;
  checkPlan(target, undefined, inputs);
  if (preview) return { id: "", state: plannedCreate(definition, inputs) };
  try {
    const made = await definition.create(context, withoutNotes(inputs));
    return { id: made.id, state: complete(definition, made.state) };
  } catch (cause) {
    if (!(cause instanceof MadeButFailed)) throw new Error(oneError(cause));
    const state = tainted(complete(definition, cause.made.state));
    throw initFailed(cause.made.id, state, inputs, `creating ${urn}: ${oneError(cause)}`);
  }
}

export async function update<Client>(
  target: Target<Client>,
  id: string,
  old: Props,
  inputs: Props,
  preview: boolean,
): Promise<Props> {
  const { definition, context, urn } = target;
  const planned = plannedUpdate(definition, old, inputs);
  if (preview) return { ...planned, ...unknown(definition.unknownAfter?.(old, inputs) ?? []) };
  try {
    return complete(
      definition,
      await definition.update(context, id, withoutNotes(old), withoutNotes(planned)),
    );
  } catch (cause) {
    const reason = `updating ${urn}: ${oneError(cause)}`;
    if (!(cause instanceof MadeButFailed)) throw new Error(reason);
    throw initFailed(id, complete(definition, cause.made.state), inputs, reason);
  }
}

export interface Found {
  id: string;
  state: Props;
  inputs: Props;
}

export async function read<Client>(
  target: Target<Client>,
  id: string,
  known: Props,
  inputs: Props,
): Promise<Found | undefined> {
  const { definition, context, urn } = target;
  const isImport = Object.keys(inputs).length === 0;
  try {
    const found = await definition.read(context, id, isImport ? undefined : withoutNotes(known));
    if (found === undefined) return undefined;
    const state = complete(definition, found.state);
    return {
      id: found.id,
      state,
      inputs: isImport
        ? importedInputs(definition.inputs, found.state)
        : refreshedInputs(definition.inputs, inputs, state),
    };
  } catch (cause) {
    throw new Error(`refreshing ${urn}: ${oneError(cause)}`);
  }
}

export async function remove<Client>(target: Target<Client>, id: string, state: Props): Promise<void> {
  const { definition, context, urn } = target;
  try {
    await definition.delete(context, id, withoutNotes(state));
  } catch (cause) {
    throw new Error(`deleting ${urn}: ${oneError(cause)}`);
  }
}

/** Part of Diff and of Create in the original too, which is why its errors speak of diffing. */
export function checkPlan<Client>(target: Target<Client>, state: Props | undefined, inputs: Props): void {
  try {
    target.definition.checkPlan?.(state, withoutNotes(inputs));
  } catch (cause) {
    throw new Error(`diffing ${target.urn}: ${oneError(cause)}`);
  }
}

const unknown = (keys: string[]): Props => Object.fromEntries(keys.map((key) => [key, UNKNOWN]));

/** Terraform marks an object whose creation failed half way; the next update replaces it. */
export function isTainted(state: Props): boolean {
  const meta = state[META];
  return typeof meta === "string" && JSON.parse(meta).tainted === true;
}

function tainted(state: Props): Props {
  const meta = typeof state[META] === "string" ? JSON.parse(state[META]) : {};
  return { ...state, [META]: JSON.stringify({ ...meta, tainted: true }) };
}

export function oneError(cause: unknown): string {
  return `1 error occurred:\n\t* ${cause instanceof Error ? cause.message : String(cause)}\n\n`;
}
