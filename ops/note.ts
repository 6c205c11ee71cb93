// What was done to a deployment from elsewhere, as whoever did it tells: deployments and their smoke checks.
import { z } from "zod";
import { actorSchema, addToAudit } from "./audit.ts";
import type { Deployment } from "./deployment.ts";
import { recordResult } from "./results.ts";

export const noteSchema = z.strictObject({
  act: z.enum(["up", "down", "rollback", "smoke"]),
  by: actorSchema,
  /** When it began, in UTC. */
  time: z.iso.datetime(),
  seconds: z.number().nonnegative(),
  ok: z.boolean(),
  /** What it was about, such as a version. */
  subject: z.string().optional(),
  /** In one line, without secrets; where it failed. */
  error: z.string().optional(),
  /** Where checks were made. */
  smoke: z
    .strictObject({ passed: z.int(), failed: z.int(), seconds: z.number(), error: z.string().optional() })
    .optional(),
});

export type Note = z.output<typeof noteSchema>;

/** Keeps it in the audit log, and the smoke checks in the results. */
export function note(deployment: Deployment, noted: Note, correlationId: string): void {
  const { act, by, time, seconds, ok, subject, error, smoke } = noted;
  addToAudit(deployment, {
    time,
    ...by,
    act,
    ...(subject !== undefined && { subject }),
    result: ok ? "ok" : "failed",
    ...(error !== undefined && { error }),
    seconds,
    correlationId,
  });
  if (smoke)
    recordResult(deployment, "smoke", {
      ok: smoke.failed === 0,
      seconds: smoke.seconds,
      figures: { passed: smoke.passed, failed: smoke.failed },
      ...(smoke.error !== undefined && { error: smoke.error }),
    });
}
