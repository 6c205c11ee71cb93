/** What is known of an operation when it starts. */
export interface ObservedOperation {
  /** E.g. `workOrders.create`; `session.signIn` and `session.refresh` are operations too. */
  readonly name: string;
  /** Sent as `X-Request-Id` with each of its requests. */
  readonly correlationId: string;
}

/**
 * Wraps each operation of a client. Must call `run` exactly once and return what it gives or rethrow what it throws.
 * @example observe: (operation, run) => tracer.startActiveSpan(operation.name, run)
 */
export type Observe = <T>(operation: ObservedOperation, run: () => Promise<T>) => Promise<T>;

export const unobserved: Observe = (_operation, run) => run();
