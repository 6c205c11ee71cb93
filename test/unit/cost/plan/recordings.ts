// What the real command line tool printed for programs of other people's shape (recordings/README.md).
import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

const text = (name: string): string =>
  readFileSync(path.join(import.meta.dirname, "recordings", `${name}.json`), "utf8");

const state = z.looseObject({ urn: z.string() });
const step = z.looseObject({
  op: z.string(),
  urn: z.string(),
  oldState: state.optional(),
  newState: state.optional(),
});
const preview = z.looseObject({ steps: z.array(step), changeSummary: z.record(z.string(), z.number()) });
const exported = z.looseObject({
  version: z.number(),
  deployment: z.looseObject({ resources: z.array(state) }),
});

export const previewOf = (name: string) => preview.parse(JSON.parse(text(`${name}.preview`)));

/** @param when `export` is after the run that the preview foretells, `before` is before it */
export const stateOf = (name: string, when: "export" | "before" = "export") =>
  exported.parse(JSON.parse(text(`${name}.${when}`)));
