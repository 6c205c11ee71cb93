import type { Input } from "@pulumi/pulumi";
import type { Service } from "./service.ts";

export const storagePort = 9000;
export const bucket = "atlas-bucket";
export const storageUser = "atlas";

/** S3-compatible object store for files; Atlas makes the bucket itself when it starts. */
export function storage(args: { image: string; memoryMiB?: number; password: Input<string> }): Service {
  return {
    name: "storage",
    image: args.image,
    // The image's own user cannot write to a volume that root owns, as Docker makes them (Grashjs/cmms#281).
    user: "0:0",
    command: ["server", "/data", "--address", `:${storagePort}`],
    env: {
      MINIO_ROOT_USER: storageUser,
      MINIO_ROOT_PASSWORD: args.password,
      MINIO_BROWSER: "off",
    },
    files: [],
    volumes: [{ name: "storage", path: "/data" }],
    ports: [],
    networks: ["web", "data"],
    hosts: [],
    memoryMiB: args.memoryMiB ?? 512,
    capabilities: [],
    healthcheck: {
      shell: `url=http://127.0.0.1:${storagePort}/minio/health/live; curl -fs "$url" || wget -q --spider "$url"`,
      intervalSeconds: 15,
      timeoutSeconds: 5,
      retries: 3,
      startPeriodSeconds: 60,
    },
    stop: { signal: "SIGTERM", graceSeconds: 20 },
  };
}
