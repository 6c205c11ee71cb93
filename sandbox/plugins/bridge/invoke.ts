import { checkInputs, type Failure } from "./check.ts";
import { oneError } from "./lifecycle.ts";
import { complete } from "./outputs.ts";
import type { Context, FunctionDefinition, Props } from "./schema.ts";
import { withoutNotes } from "./values.ts";

export interface Invoked {
  failures: Failure[];
  /** Empty where the arguments were wrong. */
  result: Props;
}

/** A question to the provider: its arguments are checked like a resource's inputs. */
export async function invoke<Client>(
  definition: FunctionDefinition<Client>,
  context: Context<Client>,
  token: string,
  given: Props,
): Promise<Invoked> {
  const naming = { resource: token, seed: new Uint8Array() };
  const { inputs, failures } = checkInputs(definition.inputs, given, undefined, naming);
  if (failures.length > 0) return { failures, result: {} };
  const asked = withoutNotes(inputs);
  try {
    const answer = await definition.call(context, asked);
    return { failures, result: complete(definition, { ...asked, ...answer }) };
  } catch (cause) {
    throw new Error(`invoking ${token}: ${oneError(cause)}`);
  }
}
