/** A check found something wrong; anything else that is thrown in a check counts as wrong as well. */
export class Failure extends Error {
  override name = "Failure";
  readonly httpStatus: number | undefined;
  constructor(message: string, httpStatus?: number) {
    super(message);
    this.httpStatus = httpStatus;
  }
}

/** A check cannot look here, for a reason that is no fault of the deployment. */
export class Skipped extends Error {
  override name = "Skipped";
}
