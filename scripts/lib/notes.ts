// Tells a deployment what was done to it from here, for its audit log and its status.
import { randomBytes } from "node:crypto";
import { act } from "../../components/operations/act.ts";
import { deploymentHere } from "../../components/operations/here.ts";
import type { SmokeReport } from "../../components/smoke/report.ts";
import { actor } from "../../ops/audit.ts";
import { type Note, note } from "../../ops/note.ts";
import { findOperations } from "./stack.ts";
import type { World } from "./world.ts";

export const began = (): Pick<Note, "by" | "time"> => ({ by: actor(), time: new Date().toISOString() });

export const secondsSince = (time: string): number => (Date.now() - Date.parse(time)) / 1000;

/** Where there is no deployment yet, nothing is kept: Pulumi has its own history of what was tried. */
export async function keep(world: World, stack: string, noted: Note): Promise<void> {
  const inputs = findOperations(world, stack);
  if (!inputs) return;
  try {
    if (typeof inputs.engine === "object") await act(inputs, ["note", JSON.stringify(noted)]);
    else note(deploymentHere(inputs.settings), noted, randomBytes(6).toString("hex"));
  } catch (error) {
    console.error(`\nThe audit log does not take this act: ${(error as Error).message}`);
  }
}

/** Of a report, what the status tells. */
export const smokeNote = (report: SmokeReport): NonNullable<Note["smoke"]> => {
  const bad = report.checks.find(({ status }) => status === "FAIL");
  return {
    passed: report.passed,
    failed: report.failed,
    seconds: report.milliseconds / 1000,
    ...(bad && { error: `${bad.title}: ${bad.detail.split("\n")[0]}` }),
  };
};
