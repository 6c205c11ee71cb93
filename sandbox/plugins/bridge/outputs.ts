import { isSame } from "./diff.ts";
import type { Fields, PropertySpec, Props, ResourceDefinition, Value } from "./schema.ts";
import { DEFAULTS, isObject, isSet, isZero, META, UNKNOWN, withoutNotes } from "./values.ts";

type Shape = Pick<ResourceDefinition<never>, "inputs" | "outputs" | "schemaVersion">;

/** What a preview can say of an object that does not exist yet: inputs and defaults, the rest unknown. */
export function plannedCreate(shape: Shape, inputs: Props): Props {
  return complete(shape, planFields({ ...shape.outputs, ...shape.inputs }, inputs));
}

/** What a preview can say of an update: what the provider filled in before stays. */
export function plannedUpdate(shape: Shape, state: Props, inputs: Props): Props {
  const planned = { ...withoutNotes(state) };
  for (const [key, spec] of Object.entries(shape.inputs)) {
    const value = inputs[key];
    if (!isSame(spec, state[key], value)) planned[key] = isSet(value) ? stored(spec, value) : null;
  }
  return complete(shape, planned);
}

/** Every key of the schema, as Terraform shows it: blocks that are unset are empty lists, all else null. */
export function complete(shape: Shape, state: Props): Props {
  const outputs: Props = {};
  for (const [key, spec] of Object.entries({ ...shape.inputs, ...shape.outputs }))
    outputs[key] = present(spec, state[key]);
  if (shape.schemaVersion !== undefined)
    outputs[META] = JSON.stringify({ schema_version: `${shape.schemaVersion}` });
  return outputs;
}

/** A refresh: inputs the program gave stay as written unless the object says otherwise. */
export function refreshedInputs(fields: Fields, inputs: Props, state: Props): Props {
  return Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => {
      const spec = fields[key];
      if (spec === undefined || isSame(spec, state[key], value)) return [key, value];
      return [key, state[key] ?? value];
    }),
  );
}

/** An import: whatever of the object is not as it would be anyway. */
export function importedInputs(fields: Fields, state: Props): Props {
  const inputs: Props = { [DEFAULTS]: [] };
  for (const [key, spec] of Object.entries(fields)) {
    const value = state[key];
    if (!isSet(value) || (isZero(value) && !spec.required) || value === spec.default) continue;
    inputs[key] = value;
  }
  return inputs;
}

function planFields(fields: Fields, inputs: Props): Props {
  const planned: Props = {};
  for (const [key, spec] of Object.entries(fields)) {
    const value = inputs[key];
    if (isSet(value)) planned[key] = planValue(spec, value);
    else planned[key] = spec.computed ? UNKNOWN : null;
  }
  return planned;
}

function planValue(spec: PropertySpec, value: Value): Value {
  if (spec.type === "object" && isObject(value)) return planFields(spec.fields, value);
  if ((spec.type === "list" || spec.type === "set") && Array.isArray(value))
    return value.map((item) => planValue(spec.item, item));
  return stored(spec, value);
}

/** A value as the state holds it. */
function stored(spec: PropertySpec, value: Value): Value {
  const asked = "stored" in spec && value !== UNKNOWN ? spec.stored : undefined;
  return asked === undefined ? withoutNotes(value) : asked(value);
}

function present(spec: PropertySpec, value: Value | undefined): Value {
  if (!isSet(value)) {
    const isBlock = (spec.type === "list" || spec.type === "set") && spec.item.type === "object";
    return isBlock ? [] : null;
  }
  const plain = withoutNotes(value);
  if ((spec.type === "set" || spec.type === "list") && spec.sorted && Array.isArray(plain))
    return [...plain].sort((a, b) => (String(a) < String(b) ? -1 : 1));
  return plain;
}
