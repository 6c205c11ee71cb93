// Connections to S3-compatible storage, whoever's it is.
import { S3Client, S3ServiceException } from "@aws-sdk/client-s3";

export interface S3Access {
  endpoint: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}

// Debian's Node.js is older than the SDK's releases of 2027 will want, and standard error is for the log alone.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/**
 * Requests are repeated twice where the storage does not answer or says that it is overloaded, and given up where a
 * connection is not made in 10 s or is silent for 60 s.
 */
export const openS3 = ({ endpoint, region, accessKeyId, secretAccessKey }: S3Access): S3Client =>
  new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    // Host names of buckets need DNS, which a container's address does not have.
    forcePathStyle: true,
    // Storage other than Amazon's may not know checksums at the end of a body.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: { connectionTimeout: 10_000, socketTimeout: 60_000 },
    maxAttempts: 3,
  });

/** For `catch`: undefined where the storage's error has this name, such as NoSuchKey. */
export const absentWhen =
  (...names: string[]) =>
  (error: unknown): undefined => {
    if (error instanceof S3ServiceException && names.includes(error.name)) return undefined;
    throw error;
  };

/** Options of a request. */
export const abortable = (signal: AbortSignal | undefined) => (signal ? { abortSignal: signal } : {});
