// Copying a finished set to the remote storage; done only once it was read back from there.
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { S3ServiceException } from "@aws-sdk/client-s3";
import type { Deployment } from "../deployment.ts";
import { type Log, messageOf } from "../log.ts";
import { localStore, remoteStoreOf } from "../stores/stores.ts";
import { filesOf, type Manifest, manifestName, SetFault } from "./set.ts";
import { verifySet } from "./verify.ts";

/** An outage of a quarter of an hour is outlasted. */
const usualWaits = [5, 30, 120, 300, 600];

export interface Copying {
  log: Log;
  signal?: AbortSignal | undefined;
  /** Seconds before the second attempt, the third, ... where the remote storage cannot be reached. */
  waits?: number[];
}

/**
 * Encrypts a finished set's files to the remote storage, the manifest last, and reads all of it back.
 * @throws Error naming the storage, where it refuses, or does not answer for all attempts
 */
export async function copySet(
  deployment: Deployment,
  manifest: Manifest,
  { log, signal, waits = usualWaits }: Copying,
): Promise<void> {
  const remote = remoteStoreOf(deployment);
  if (!remote) return;
  const { id } = manifest;
  const here = localStore(deployment);
  const attempt = <T>(what: string, run: () => Promise<T>) =>
    repeated(run, { what: `${what} of set ${id}, ${remote.name}`, waits, log, signal });

  log.info("copying it to the remote storage", { id, store: remote.name });
  for (const { name, bytes } of filesOf(manifest))
    await attempt(`upload of ${name}`, async () =>
      remote.write(id, name, await here.read(id, name), bytes, signal),
    );
  const text = Buffer.from(JSON.stringify(manifest));
  await attempt(`upload of ${manifestName}`, () =>
    remote.write(id, manifestName, Readable.from([text]), text.length, signal),
  );
  await attempt("reading back", () => verifySet(remote, id, { signal }));
  log.info("the set is on the remote storage, read back and whole", { id, store: remote.name });
}

async function repeated<T>(
  run: () => Promise<T>,
  {
    what,
    waits,
    log,
    signal,
  }: Required<Omit<Copying, "signal">> & Pick<Copying, "signal"> & { what: string },
): Promise<T> {
  for (const [attempt, wait] of [...waits, undefined].entries()) {
    try {
      return await run();
    } catch (error) {
      signal?.throwIfAborted();
      if (wait === undefined || !mayPass(error))
        throw new Error(
          `${what} failed at attempt ${attempt + 1}; the set lies on this machine alone: ${messageOf(error)}`,
          { cause: error },
        );
      log.warning(`${what} failed, and is tried again`, { error, seconds: wait });
    }
    await delay((wait ?? 0) * 1000, undefined, { ...(signal && { signal }) });
  }
  throw new Error(`${what}: no attempt was made`);
}

/** A refusal stays one, and a set that was read back wrong does not become right. */
function mayPass(error: unknown): boolean {
  if (error instanceof SetFault) return false;
  if (!(error instanceof S3ServiceException)) return true;
  const status = error.$metadata.httpStatusCode ?? 500;
  return status >= 500 || status === 408 || status === 429;
}
