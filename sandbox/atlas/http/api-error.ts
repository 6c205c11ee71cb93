/** An answer of the application's own error shape: `{"success":false,"message":"…"}`. */
export class ApiError extends Error {
  override name = "ApiError";
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** Rejected by the security filters: a status and no body at all. */
export class EmptyRejection extends Error {
  override name = "EmptyRejection";
}
