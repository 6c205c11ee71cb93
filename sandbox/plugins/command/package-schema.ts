import type { Fields, Type } from "./fields.ts";
import { localRunInputs } from "./fields.ts";
import { RUN, resources } from "./provider.ts";

/** What Pulumi's tools read about the package. */
export function packageSchema(version: string) {
  const types: Record<string, object> = {};
  const object = (fields: Fields) => ({
    properties: Object.fromEntries(
      Object.entries(fields).map(([key, field]) => [
        key,
        {
          ...typeOf(field.type, types),
          ...(field.default !== undefined && { default: field.default }),
          ...(field.secret && { secret: true }),
          ...(field.replaces && { replaceOnChanges: true }),
        },
      ]),
    ),
    required: Object.keys(fields).filter((key) => fields[key]?.required),
  });
  const described = Object.entries(resources).map(([token, { inputs, outputs }]) => {
    const given = object(inputs.fields);
    const state = object({ ...inputs.fields, ...outputs });
    return [token, { ...state, inputProperties: given.properties, requiredInputs: given.required }];
  });
  const run = object(localRunInputs.fields);
  const local = resources["command:local:Command"]?.outputs ?? {};
  return {
    name: "command",
    version,
    resources: Object.fromEntries(described),
    functions: {
      [RUN]: {
        inputs: { type: "object", ...run },
        outputs: { type: "object", ...object({ ...localRunInputs.fields, ...local }) },
      },
    },
    types,
  };

  function typeOf(type: Type, into: Record<string, object>): object {
    switch (type.kind) {
      case "struct": {
        const token = `command:${type.go.replace(".", ":")}`;
        into[token] ??= { type: "object", ...object(type.fields) };
        return { $ref: `#/types/${token}` };
      }
      case "list":
        return { type: "array", items: typeOf(type.item, into) };
      case "map":
        return { type: "object", additionalProperties: typeOf(type.item, into) };
      case "source":
        return { $ref: "pulumi.json#/Asset" };
      case "any":
        return { $ref: "pulumi.json#/Any" };
      case "int":
        return { type: "integer" };
      case "float":
        return { type: "number" };
      case "bool":
        return { type: "boolean" };
      default:
        return { type: "string" };
    }
  }
}
