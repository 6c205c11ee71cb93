import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { configured, faultsOf, required } from "./configuration.ts";

const project = z
  .object({
    name: z.literal("atlas"),
    config: z.record(
      z.string().startsWith("atlas:"),
      z.strictObject({
        type: z.enum(["string", "object", "array"]),
        items: z.strictObject({ type: z.literal("string") }).optional(),
        default: z.union([z.string(), z.strictObject({}), z.tuple([])]),
        description: z.string(),
      }),
    ),
  })
  .parse(parse(readFileSync("Pulumi.yaml", "utf8")));

const declared = Object.entries(project.config).map(([key, { default: value }]): [string, string] => [
  key.slice("atlas:".length),
  typeof value === "string" ? value : JSON.stringify(value),
]);

test("the declared defaults mean the same as no configuration at all", () => {
  const defaults = Object.fromEntries(declared.filter(([key]) => key !== "adminEmail"));
  expect(configured(defaults)).toEqual(configured());
  expect(declared).toContainEqual(["adminEmail", ""]);
});

test("every key that the program knows is declared, and no other", () => {
  const known = /known here: (.*)$/.exec(faultsOf({ unknown: "x" })[0]?.reason ?? "")?.[1]?.split(", ");
  expect(known).toContain(Object.keys(required)[0]);
  expect(declared.map(([key]) => key).toSorted()).toEqual(known?.toSorted());
});

test.each(Object.entries(project.config))("%s is documented in a sentence", (_, { description }) => {
  expect(description).toMatch(/^[A-Z].{20,}\.$/);
});

test("a map is declared as an object with nothing in it, a list as an array, everything else as text", () => {
  const types = Object.fromEntries(Object.entries(project.config).map(([key, { type }]) => [key, type]));
  for (const [key, { default: value }] of Object.entries(project.config))
    expect(types[key], key).toBe(
      typeof value === "string" ? "string" : Array.isArray(value) ? "array" : "object",
    );
});
