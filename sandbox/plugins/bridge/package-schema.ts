import type { Fields, PropertySpec, ProviderDefinition } from "./schema.ts";

/** The package schema that `pulumi import` and `pulumi package` ask for: the same data, in Pulumi's words. */
export function packageSchema<Client>(definition: ProviderDefinition<Client>): object {
  const types: Record<string, object> = {};
  const resources = Object.entries(definition.resources).map(([token, resource]) => {
    const prefix = `${definition.name}:index/${token.split(":").pop() ?? ""}`;
    const inputProperties = properties(resource.inputs, prefix, types);
    const outputs = { ...resource.outputs, ...resource.inputs };
    return [
      token,
      {
        properties: properties(outputs, prefix, types),
        inputProperties,
        requiredInputs: requiredOf(resource.inputs),
        required: Object.keys(outputs).filter((key) => outputs[key]?.required || outputs[key]?.computed),
      },
    ];
  });
  return {
    name: definition.name,
    version: definition.version,
    config: { variables: properties(definition.config, definition.name, types) },
    provider: { inputProperties: properties(definition.config, definition.name, types) },
    types,
    resources: Object.fromEntries(resources),
    functions: functionSchemas(definition, types),
  };
}

function functionSchemas<Client>(
  definition: ProviderDefinition<Client>,
  types: Record<string, object>,
): Record<string, object> {
  return Object.fromEntries(
    Object.entries(definition.functions ?? {}).map(([token, { inputs, outputs }]) => {
      const prefix = `${definition.name}:index/${token.split(":").pop() ?? ""}`;
      const results = { ...inputs, ...outputs };
      return [
        token,
        {
          inputs: { properties: properties(inputs, prefix, types), required: requiredOf(inputs) },
          outputs: { properties: properties(results, prefix, types), required: Object.keys(outputs) },
        },
      ];
    }),
  );
}

function properties(fields: Fields, prefix: string, types: Record<string, object>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, spec]) => [key, typeOf(spec, `${prefix}${capital(key)}`, types)]),
  );
}

function typeOf(spec: PropertySpec, path: string, types: Record<string, object>): object {
  switch (spec.type) {
    case "object": {
      const token = `${path}:${path.split("/").pop() ?? ""}`;
      types[token] = {
        type: "object",
        properties: properties(spec.fields, path, types),
        required: requiredOf(spec.fields),
      };
      return { $ref: `#/types/${token}` };
    }
    case "list":
    case "set":
      return { type: "array", items: typeOf(spec.item, path, types) };
    case "map":
      return { type: "object", additionalProperties: typeOf(spec.item, path, types) };
    default:
      return { type: spec.type };
  }
}

function requiredOf(fields: Fields): string[] {
  return Object.keys(fields).filter((key) => fields[key]?.required);
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
