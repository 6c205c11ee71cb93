// A preview as large as wanted, out of recorded ones: their steps under new names.
import { readFileSync } from "node:fs";
import path from "node:path";

const recordings = path.resolve(import.meta.dirname, "../../unit/cost/plan/recordings");
/** A first deployment each, but for the last one, in which there is something of everything. */
const recorded = ["web-fleet", "kubernetes", "database", "site", "monolith", "components", "changes"];

interface Digest {
  steps: { op: string; newState?: { custom: boolean; external?: boolean; type: string } }[];
}

/**
 * Text of a preview in which this many resources of providers are there after the run, indented as the CLI does it.
 * Each round through the recordings has names of its own.
 */
export function previewText(resources: number): string {
  const digests = recorded.map(
    (name): Digest => JSON.parse(readFileSync(path.join(recordings, `${name}.preview.json`), "utf8")),
  );
  const steps: Digest["steps"] = [];
  let count = 0;
  for (let round = 0; count < resources; round++)
    for (const [index, digest] of digests.entries())
      for (const step of renamed(digest, `${recorded[index]}-${round}`).steps) {
        if (count === resources) break;
        steps.push(step);
        if (step.op !== "create-replacement" && isManaged(step.newState)) count++;
      }
  const same = steps.filter(({ op }) => op === "same").length;
  return JSON.stringify({ steps, duration: 1, changeSummary: { same } }, undefined, 4);
}

const isManaged = (state: Digest["steps"][number]["newState"]): boolean =>
  state?.custom === true && !state.external && !state.type.startsWith("pulumi:");

/** Every URN ends with a name, the reference to a provider with its id. */
const renamed = (digest: Digest, suffix: string): Digest =>
  JSON.parse(JSON.stringify(digest).replaceAll(/"(urn:pulumi:[^"]+)"/g, `"$1-${suffix}"`));
