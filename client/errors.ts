/** One thing that is wrong with an input or a configuration. */
export interface Fault {
  /** Where: a field's path (`assignedTo.0`) or a variable's name (`ATLAS_TIMEOUT`). */
  readonly name: string;
  readonly problem: string;
  /** What came; never a secret. */
  readonly value?: string;
}

/** The part of an error that is meant for programs. Holds no token and no password. */
export interface AtlasErrorDetails {
  /** Name of the operation, e.g. `workOrders.create`. */
  readonly operation?: string;
  readonly method?: string;
  /** Path below the base URL, e.g. `/work-orders/7`. */
  readonly path?: string;
  /** HTTP status of the last answer; undefined when there was none. */
  readonly status?: number;
  /** Sent as `X-Request-Id` with each request of the operation. */
  readonly correlationId?: string;
  /** The server's own words, uncut up to 64 KiB; may hold SQL, so not for people. */
  readonly serverMessage?: string;
  /** Requests sent in the operation so far, retries included. */
  readonly attempts?: number;
  /**
   * `unknown`: the request may have taken effect, so look before repeating it.
   * `none`: it certainly had no effect.
   */
  readonly outcome?: "unknown" | "none";
  /** Milliseconds after which another try can succeed, where that is known. */
  readonly retryAfterMs?: number;
  readonly faults?: readonly Fault[];
  readonly limit?: LicenseLimit;
  readonly mismatch?: SchemaMismatch;
}

/** A limit of an installation without a licence. */
export interface LicenseLimit {
  /** What is limited, in words, e.g. `incomplete work orders`. */
  readonly what: string;
  /** How many are allowed; undefined when the feature is not there at all. */
  readonly max?: number;
}

/** Where an answer differs from the API that this client was written for. */
export interface SchemaMismatch {
  /** Path in the answer, e.g. `content.0.status`; `$` is the whole body. */
  readonly path: string;
  readonly expected: string;
  readonly received: string;
}

/** Base of all errors of this client (the only other rejection is the reason of your own AbortSignal). */
export class AtlasError extends Error {
  override readonly name: string = "AtlasError";
  readonly details: AtlasErrorDetails;

  constructor(message: string, details: AtlasErrorDetails = {}, options: ErrorOptions = {}) {
    super(message, options);
    this.details = details;
  }

  /** HTTP status of the last answer, if there was one. */
  get status(): number | undefined {
    return this.details.status;
  }

  toJSON(): { name: string; message: string; details: AtlasErrorDetails } {
    return { name: this.name, message: this.message, details: this.details };
  }
}

/** Not signed in: wrong credentials, or a session that could not be renewed. */
export class AtlasAuthError extends AtlasError {
  override readonly name: string = "AtlasAuthError";
}

/** Atlas could not be reached, did not answer in time, or failed (5xx and other unexpected statuses). */
export class AtlasApiError extends AtlasError {
  override readonly name: string = "AtlasApiError";
}

/** No such record (404). */
export class AtlasNotFoundError extends AtlasError {
  override readonly name: string = "AtlasNotFoundError";
}

/** An input that Atlas refuses, or that this client refused before sending (then without `status`). */
export class AtlasValidationError extends AtlasError {
  override readonly name: string = "AtlasValidationError";

  /** The faulty fields; empty when Atlas named none (it never does, atlas-api 4). */
  get fieldErrors(): readonly Fault[] {
    return this.details.faults ?? [];
  }
}

/** Too many requests, as said by Atlas (429) or foreseen by this client's own limiter (then without `status`). */
export class AtlasRateLimitError extends AtlasError {
  override readonly name: string = "AtlasRateLimitError";

  get retryAfterMs(): number | undefined {
    return this.details.retryAfterMs;
  }
}

/** The client's configuration is wrong, switched off, or the client was closed. */
export class AtlasConfigError extends AtlasError {
  override readonly name: string = "AtlasConfigError";

  /** Each faulty setting. */
  get faults(): readonly Fault[] {
    return this.details.faults ?? [];
  }
}

/** Signed in, but not allowed (403 with a message, or a closed sign-up). */
export class AtlasPermissionError extends AtlasError {
  override readonly name: string = "AtlasPermissionError";
}

/** Refused because the installation has no licence for it; `limit` says which limit. */
export class AtlasLicenseError extends AtlasPermissionError {
  override readonly name: string = "AtlasLicenseError";

  get limit(): LicenseLimit | undefined {
    return this.details.limit;
  }
}

/** An answer that is not what the API of this client's version gives; `mismatch` says where. */
export class AtlasSchemaError extends AtlasError {
  override readonly name: string = "AtlasSchemaError";

  get mismatch(): SchemaMismatch | undefined {
    return this.details.mismatch;
  }
}
