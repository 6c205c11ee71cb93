// Deployments and what is seen of them, for tests.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import type { Deployment } from "../../../../ops/deployment.ts";
import type { ContainerFacts, DiskFacts, Observation } from "../../../../ops/watch/condition.ts";

export const now = "2026-11-21T16:45:00.000Z";
const hour = 3_600_000;

/** A time so many hours before `now`. */
export const ago = (hours: number): string => new Date(Date.parse(now) - hours * hour).toISOString();

export const webhookUrl = "https://hooks.example/services/T0/secret-path";

export const deployment = (changed: Partial<Deployment> = {}): Deployment => ({
  name: "prod",
  namePrefix: "atlas-prod",
  publicUrl: "https://cmms.plant.example",
  adminEmail: "admin@plant.example",
  storage: true,
  folder: "/var/lib/atlas/ops",
  backupKey: "AGE-SECRET-KEY-1CANARY",
  keep: { daily: 7, weekly: 4, monthly: 12 },
  alerts: {},
  ...changed,
});

/** Of a deployment whose folder is its own, and is removed after the test. */
export function deploymentInFolder(changed: Partial<Deployment> = {}): Deployment {
  const folder = mkdtempSync(path.join(tmpdir(), "atlas-ops-watch-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return deployment({ folder, ...changed });
}

export const container = (service: string, changed: Partial<ContainerFacts> = {}): ContainerFacts => ({
  service,
  container: `atlas-prod-${service}`,
  image: `${service}:1`,
  status: "running",
  health: "healthy",
  restarts: 0,
  startedAt: ago(100),
  memoryBytes: 100 * 1024 ** 2,
  memoryLimitBytes: 512 * 1024 ** 2,
  ...changed,
});

export const disk = (changed: Partial<DiskFacts> = {}): DiskFacts => ({
  name: "data",
  path: "/var/lib/atlas",
  sizeBytes: 100 * 1024 ** 3,
  usedBytes: 40 * 1024 ** 3,
  freeBytes: 60 * 1024 ** 3,
  inodes: 1000,
  inodesFree: 900,
  ...changed,
});

const newest = { id: "20261121T020000Z-3f9a2c", createdAt: ago(14.75), bytes: 12 * 1024 ** 2 };

/** Of a deployment that is well in every part. */
export const observation = (changed: Partial<Observation> = {}): Observation => ({
  time: now,
  seconds: 1.5,
  since: ago(1000),
  containers: {
    value: ["postgres", "backend", "frontend", "storage", "ingress"].map((service) => container(service)),
  },
  disks: [{ name: "data", fact: { value: disk() } }],
  certificate: {
    value: { issuer: "Let's Encrypt", expiresAt: ago(-60 * 24), wrongName: undefined },
  },
  local: { value: { count: 7, newest } },
  remote: { value: { count: 23, newest } },
  atlas: {
    value: {
      time: ago(0.01),
      calls: [
        { name: "health check", seconds: 0.012, status: 200 },
        { name: "database read", seconds: 0.034, status: 200 },
      ],
    },
  },
  databaseBytes: { value: 30 * 1024 ** 2 },
  objects: { value: { count: 1200, bytes: 3 * 1024 ** 3 } },
  records: {
    value: {
      results: {
        backup: both({ time: ago(14.7), ok: true, seconds: 12.5, id: newest.id }),
        drill: both({
          time: ago(48),
          ok: true,
          seconds: 95,
          id: newest.id,
          figures: { dataAgeSeconds: 7200 },
        }),
        smoke: both({ time: ago(200), ok: true, seconds: 8 }),
      },
      channels: {},
      acts: [
        {
          time: ago(200),
          user: "ada",
          host: "desk",
          act: "up",
          subject: "v1.8.0",
          result: "ok",
          seconds: 61,
          correlationId: "c0ffee",
        },
      ],
    },
  },
  ...changed,
});

const both = <T>(last: T) => ({ last, lastOk: last });
