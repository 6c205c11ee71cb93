/** The application cannot start; the message is what the original prints before it exits with code 1. */
export class StartFailure extends Error {
  override name = "StartFailure";
}
