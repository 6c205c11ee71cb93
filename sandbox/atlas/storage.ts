import type { MinioSettings } from "./env.ts";
import { ensureBucket } from "./s3.ts";
import { StartFailure } from "./start-failure.ts";

/** The start needs the object store, and makes the bucket where it is missing. */
export async function prepareStorage(settings: MinioSettings): Promise<void> {
  const { endpoint, bucket } = settings;
  if (!isBucketName(bucket)) {
    throw new StartFailure(
      `Error initializing MinIO: bucket name '${bucket}' does not follow Amazon S3 standards. For more information refer ` +
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
    );
  }
  try {
    await ensureBucket(settings);
  } catch (fault) {
    const reason =
      fault instanceof Error && fault.message.startsWith("the object store") ? ` (${fault.message})` : "";
    throw new StartFailure(`Error initializing MinIO: Failed to connect to ${endpoint}${reason}`, {
      cause: fault,
    });
  }
}

export function isBucketName(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes("..") && !/^\d+(\.\d+){3}$/.test(name)
  );
}
