import type { MinioSettings } from "./env.ts";
import { StartFailure } from "./start-failure.ts";

const CONNECT_MS = 10_000;

/** The start contacts object storage only to see that something answers there; no bucket is made. */
export async function checkStorage({ endpoint, bucket }: MinioSettings): Promise<void> {
  if (!isBucketName(bucket)) {
    throw new StartFailure(
      `Error initializing MinIO: bucket name '${bucket}' does not follow Amazon S3 standards. For more information refer ` +
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
    );
  }
  try {
    await fetch(healthUrl(endpoint), { signal: AbortSignal.timeout(CONNECT_MS), redirect: "manual" });
  } catch (fault) {
    throw new StartFailure(`Error initializing MinIO: Failed to connect to ${endpoint}`, { cause: fault });
  }
}

export function isBucketName(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes("..") && !/^\d+(\.\d+){3}$/.test(name)
  );
}

function healthUrl(endpoint: string): string {
  const base = /^https?:\/\//.test(endpoint) ? endpoint : `http://${endpoint}`;
  return `${base.replace(/\/+$/, "")}/minio/health/live`;
}
