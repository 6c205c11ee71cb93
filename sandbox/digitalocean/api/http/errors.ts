/** An answer in the original's error shape. */
export class ApiError extends Error {
  override name = "ApiError";
  readonly status: number;
  readonly id: string;
  readonly headers: Record<string, string>;

  constructor(status: number, id: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.id = id;
    this.headers = headers;
  }
}

export const badRequest = (message: string) => new ApiError(400, "bad_request", message);
export const unauthorized = () => new ApiError(401, "unauthorized", "Unable to authenticate you");
export const forbidden = (message: string) => new ApiError(403, "forbidden", message);
export const notFound = (message = "The resource you requested could not be found.") =>
  new ApiError(404, "not_found", message);
export const conflict = (message: string) => new ApiError(409, "conflict", message);
export const preconditionFailed = (message: string) => new ApiError(412, "precondition_failed", message);
export const unprocessable = (message: string) => new ApiError(422, "unprocessable_entity", message);
export const serverError = (message = "Server was unable to give you a response.") =>
  new ApiError(500, "server_error", message);
