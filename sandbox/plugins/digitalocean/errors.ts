/** An answer that tells of a failure, in the words of the original's API client. */
export class ApiError extends Error {
  override name = "ApiError";
  readonly status: number;
  /** What the service says, without where and when. */
  readonly reason: string;

  constructor(call: { method: string; url: string }, status: number, body: ErrorBody, attempts: number) {
    const request = body.request_id ? ` (request "${body.request_id}")` : "";
    const tired = attempts > 0 ? `; giving up after ${attempts} attempt(s)` : "";
    super(`${call.method} ${call.url}: ${status}${request} ${body.message ?? ""}${tired}`);
    this.status = status;
    this.reason = body.message ?? "";
  }
}

export interface ErrorBody {
  message?: string;
  request_id?: string;
}

export const isMissing = (cause: unknown): boolean => cause instanceof ApiError && cause.status === 404;

export function says(cause: unknown, status: number, reason: string): boolean {
  return (
    cause instanceof ApiError &&
    cause.status === status &&
    cause.reason.toLowerCase().includes(reason.toLowerCase())
  );
}

/** A Droplet takes one event at a time; the next is refused until it has ended. */
export const isBusy = (cause: unknown): boolean => says(cause, 422, "Droplet already has a pending event.");

/** Runs a call; its failure is told as `<what>: <the client's words>`. */
export async function calling<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw new Error(`${what}: ${messageOf(cause)}`, { cause });
  }
}

/** What a look-up finds, or undefined when there is no such thing. */
export async function lookUp<T>(what: string, call: () => Promise<T>): Promise<T | undefined> {
  return calling(what, async () => {
    try {
      return await call();
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw cause;
    }
  });
}

export const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
