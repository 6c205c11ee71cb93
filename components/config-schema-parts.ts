// Kinds of values that several configuration keys share.
import { z } from "zod";

export const flag = z.enum(["true", "false"], "must be true or false").transform((text) => text === "true");
export const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));

/** Objects and lists reach the program as JSON text; a value set with --path may be a number or a boolean there. */
export const jsonObject = <T extends z.ZodType>(shape: T, empty: "{}" | "[]" = "{}") =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text === "" ? empty : text) as unknown;
      } catch {
        const what = empty === "[]" ? "a list" : "an object";
        context.addIssue({ code: "custom", message: `must be ${what}: set single entries with --path` });
        return z.NEVER;
      }
    })
    .pipe(shape);
export const scalarText = z
  .union([z.string(), z.number(), z.boolean()], "must be a text, a number or a boolean")
  .transform(String);

/** An object with some of these entries, all of one kind, and no others. */
export const entries = <Name extends string, T extends z.ZodType>(names: readonly Name[], value: T) =>
  jsonObject(
    z.strictObject(
      Object.fromEntries(names.map((name) => [name, value.optional()])) as Record<Name, z.ZodOptional<T>>,
      "must be an object: set single entries with --path",
    ),
  );
