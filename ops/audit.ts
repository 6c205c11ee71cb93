// Who did what to a deployment, when, and with what result: file `audit.jsonl` in its folder, to which lines are added
// and in which none is ever changed.
import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
} from "node:fs";
import { hostname, userInfo } from "node:os";
import path from "node:path";
import { z } from "zod";
import { masked } from "../components/secrets/mask.ts";
import type { Deployment } from "./deployment.ts";
import { jsonOf } from "./json-file.ts";
import { type Log, messageOf, oneLine, secretsOf } from "./log.ts";

export const actorSchema = z.strictObject({ user: z.string(), host: z.string() });

const entrySchema = z.strictObject({
  /** When it began, in UTC. */
  time: z.iso.datetime(),
  ...actorSchema.shape,
  act: z.string(),
  /** What it was about, such as a set or an image. */
  subject: z.string().optional(),
  result: z.enum(["ok", "failed"]),
  /** In one line, without secrets. */
  error: z.string().optional(),
  seconds: z.number().nonnegative(),
  correlationId: z.string(),
});

export type AuditEntry = z.output<typeof entrySchema>;

const keptMs = 30 * 24 * 60 * 60_000;
const fileOf = ({ folder }: Deployment) => path.join(folder, "audit.jsonl");
const formerOf = (deployment: Deployment) => `${fileOf(deployment)}.1`;

/**
 * Does something and keeps who did it and what came of it, also where it fails.
 * @throws what `run` throws
 */
export async function audited<T>(
  deployment: Deployment,
  { act, subject, log }: { act: string; subject?: string; log: Log },
  run: () => Promise<T>,
): Promise<T> {
  const began = Date.now();
  const keep = (outcome: Pick<AuditEntry, "result" | "error">) => {
    try {
      addToAudit(deployment, {
        time: new Date(began).toISOString(),
        ...actor(),
        act,
        ...(subject !== undefined && { subject }),
        ...outcome,
        seconds: (Date.now() - began) / 1000,
        correlationId: log.correlationId,
      });
    } catch (error) {
      // What came of the act is still the caller's to know.
      log.error(`the audit log does not take this act: ${messageOf(error)}`, outcome);
    }
  };
  let done: T;
  try {
    done = await run();
  } catch (error) {
    keep({ result: "failed", error: oneLine(masked(messageOf(error), secretsOf(deployment))) });
    throw error;
  }
  keep({ result: "ok" });
  return done;
}

/** Behind sudo, the person who called it. */
export const actor = (): z.output<typeof actorSchema> => ({
  user: process.env.SUDO_USER || userInfo().username,
  host: hostname(),
});

/**
 * Adds a line.
 * @throws Error of the file system, such as ENOSPC
 */
export function addToAudit(deployment: Deployment, entry: AuditEntry): void {
  const file = fileOf(deployment);
  mkdirSync(deployment.folder, { recursive: true, mode: 0o700 });
  rotate(deployment, Date.parse(entry.time));
  const line = `${JSON.stringify(entrySchema.parse(entry))}\n`;
  // A line that a full disk or a crash has cut off must not swallow the next.
  appendFileSync(file, endsOpen(file) ? `\n${line}` : line, { mode: 0o600 });
}

/**
 * Once the file's first line is 30 days old, the file replaces the one before it: the lines of the last 30 days are
 * always in one of the two, and none is there for more than twice as long while lines are added.
 */
function rotate(deployment: Deployment, now: number): void {
  const file = fileOf(deployment);
  if (!existsSync(file)) return;
  const [first] = entriesOf(file);
  if (first && now - Date.parse(first.time) > keptMs) renameSync(file, formerOf(deployment));
}

function endsOpen(file: string): boolean {
  if (!existsSync(file)) return false;
  const opened = openSync(file, "r");
  try {
    const { size } = fstatSync(opened);
    const last = Buffer.alloc(1);
    return size > 0 && readSync(opened, last, 0, 1, size - 1) === 1 && last.toString() !== "\n";
  } finally {
    closeSync(opened);
  }
}

/** The newest entries, the latest first. @param most how many */
export function auditTrail(deployment: Deployment, most: number): AuditEntry[] {
  return [formerOf(deployment), fileOf(deployment)]
    .filter((file) => existsSync(file))
    .flatMap(entriesOf)
    .slice(-most)
    .reverse();
}

/** For people: a line an act. */
export function auditText(entries: AuditEntry[]): string {
  if (entries.length === 0) return "nothing yet";
  const rows = entries.map(({ time, user, host, act, result, seconds, subject = "", error = "" }) => [
    time.replace("T", " ").replace(/\..*$/, ""),
    `${user}@${host}`,
    act,
    result,
    `${seconds.toFixed(1)} s`,
    [subject, error].filter(Boolean).join(": "),
  ]);
  const widths = rows.reduce((most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, cell.length)), [0]);
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** A line that was cut off tells nothing and is passed over. */
const entriesOf = (file: string): AuditEntry[] => readFileSync(file, "utf8").split("\n").flatMap(entryOf);

function entryOf(line: string): AuditEntry[] {
  const parsed = entrySchema.safeParse(jsonOf(line));
  return parsed.success ? [parsed.data] : [];
}
