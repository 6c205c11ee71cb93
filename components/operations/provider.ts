// Behind Operations; loaded by its provider. On local Docker the scripts bring their own program, and nothing is installed.
import { type DynamicModule, withinRun } from "../dynamic-shim.ts";
import { install } from "./install.ts";
import type { OperationsInputs } from "./operations.ts";

const provider: DynamicModule<OperationsInputs, OperationsInputs> = {
  create: async (news) => ({ id: "operations", outs: await installed(news) }),
  update: async (_, news) => installed(news),
};

export const { create, update } = withinRun(provider);

async function installed(inputs: OperationsInputs): Promise<OperationsInputs> {
  if (typeof inputs.engine === "object") await install(inputs.engine, inputs.settings);
  return inputs;
}
