// The live validation of any Atlas: ten steps, then everything that they made is deleted again.
import { randomUUID } from "node:crypto";
import { AtlasClient, AtlasError, AtlasNotFoundError } from "../../client/index.ts";
import type { StepResult, ValidationReport } from "./validate-report.ts";
import { type Step, type StepContext, steps } from "./validate-steps.ts";

/** All that a client can be made of. */
export type ClientOptions = ConstructorParameters<typeof AtlasClient>[0];

export interface Listener {
  readonly onStart?: (client: AtlasClient) => void;
  readonly onStep?: (result: StepResult, number: number, total: number) => void;
}

/**
 * Runs the ten steps against one Atlas. What is wrong there is in the report.
 * @param signal ends the steps that are left; what was made is deleted nevertheless
 * @throws AtlasConfigError for options with faults
 */
export async function validate(
  options: ClientOptions,
  signal: AbortSignal,
  { onStart, onStep }: Listener = {},
): Promise<ValidationReport> {
  const started = Date.now();
  const times = { signIns: [] as number[], calls: [] as number[] };
  let signIns = 0;
  await using client = new AtlasClient({
    ...options,
    observe: async ({ name }, run) => {
      const isSignIn = name === "session.signIn";
      if (isSignIn) signIns++;
      const began = performance.now();
      const result = await run();
      (isSignIn ? times.signIns : times.calls).push(Math.round(performance.now() - began));
      return result;
    },
  });
  onStart?.(client);
  const context: StepContext = {
    client,
    signal,
    signIns: () => signIns,
    title: `[atlas-validate] ${randomUUID()}`,
  };
  const results: StepResult[] = [];
  for (const [index, step] of steps.entries()) {
    const result = await runStep(step, context, results);
    results.push(result);
    onStep?.(result, index + 1, steps.length);
  }
  const leftBehind = await cleanUp(context);
  return {
    time: new Date(started).toISOString(),
    configuration: client.describe(),
    steps: results,
    passed: results.filter(({ status }) => status === "PASS").length,
    total: steps.length,
    milliseconds: Date.now() - started,
    times,
    ...(leftBehind !== undefined && { leftBehind }),
  };
}

async function runStep(
  step: Step,
  context: StepContext,
  earlier: readonly StepResult[],
): Promise<StepResult> {
  const started = performance.now();
  const result = (status: StepResult["status"], detail: string): StepResult => {
    const milliseconds = Math.round(performance.now() - started);
    return { id: step.id, title: step.title, status, milliseconds, detail };
  };
  const missing = earlier.find(({ id, status }) => id === step.needs && status === "FAIL");
  if (missing) return result("FAIL", `not run, since "${missing.title}" failed`);
  try {
    context.signal.throwIfAborted();
    return result("PASS", await step.run(context));
  } catch (error) {
    return result("FAIL", error instanceof Error ? error.message : String(error));
  }
}

/** @returns why something is left; undefined when nothing is */
async function cleanUp({ client, workOrder }: StepContext): Promise<string | undefined> {
  if (workOrder === undefined) return undefined;
  try {
    await client.workOrders.delete(workOrder.id);
    return undefined;
  } catch (error) {
    if (error instanceof AtlasNotFoundError) return undefined;
    if (!(error instanceof AtlasError)) throw error;
    return `work order ${workOrder.id} "${workOrder.title}" (${error.message}) Delete it by hand.`;
  }
}
