// From where on something is not well, and when somebody is told.
import type { PartKind } from "./condition.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export const thresholds = {
  /** Used parts of the whole, of bytes and of inodes. */
  disk: { warning: 0.85, bad: 0.95 },
  /** Of a container's limit: what comes next is the kernel's killer. */
  memory: { warning: 0.95 },
  /** Left. Authorities' programs renew 30 days before the end, so something is wrong by then. */
  certificateMs: { warning: 14 * day, bad: 3 * day },
  /** A daily backup with two hours for a machine that was off or busy. */
  backupMs: 26 * hour,
  /** A weekly drill with a day of grace. */
  drillMs: 8 * day,
  latencyMs: 2000,
  /** So long after its start a container that Docker has restarted is worth a look. */
  restartMs: 15 * minute,
};

/**
 * Of what an alert is sent, from which verdict on, and how long it has to last first: a container that an upgrade
 * replaces is away for a moment.
 */
export const alerting: Partial<Record<PartKind, { from: "warning" | "bad"; afterMs: number }>> = {
  docker: { from: "bad", afterMs: 2 * minute },
  container: { from: "bad", afterMs: 2 * minute },
  atlas: { from: "bad", afterMs: 5 * minute },
  disk: { from: "warning", afterMs: 0 },
  certificate: { from: "warning", afterMs: 0 },
  backup: { from: "bad", afterMs: 0 },
  remote: { from: "bad", afterMs: 0 },
  drill: { from: "bad", afterMs: 0 },
};

/** An alert that still holds is told again. */
export const repeatMs = day;
