// A set's manifest, as tests change it.
import type { Manifest } from "../../../../ops/backup/set.ts";

export const sum = "a".repeat(64);

export const manifest = (changes: Partial<Manifest> = {}): Manifest => ({
  format: 1,
  id: "20261121T164500Z-3f9a2c",
  createdAt: "2026-11-21T16:45:00.000Z",
  reason: "daily",
  namePrefix: "atlas-prod",
  publicUrl: "https://atlas.example.com",
  images: { postgres: "postgres:16.13-alpine", backend: "intelloop/atlas-cmms-backend:v1.8.0" },
  postgresVersion: "16.13",
  schema: { changeSets: 812, last: "0812-last" },
  database: { name: "database.dump", bytes: 1000, sha256: sum, rows: { work_order: 5, asset: 2 } },
  objects: { name: "objects.tar", bytes: 2048, sha256: sum, count: 3, totalBytes: 30, digest: sum },
  ...changes,
});
