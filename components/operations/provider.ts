// Behind Operations; loaded by its provider. On local Docker the program is the checkout's, and nothing is installed.
import { type DynamicModule, withinRun } from "../dynamic-shim.ts";
import { act } from "./act.ts";
import { install } from "./install.ts";
import type { OperationsInputs } from "./operations.ts";

const provider: DynamicModule<OperationsInputs, OperationsInputs> = {
  create: async (news) => ({ id: "operations", outs: await installed(news) }),
  update: async (_, news) => installed(news),
};

export const { create, update } = withinRun(provider);

async function installed(inputs: OperationsInputs): Promise<OperationsInputs> {
  const { engine, settings, images } = inputs;
  if (typeof engine === "object") await install(engine, settings);
  // It also removes images that nothing needs any more.
  await act(inputs, ["serving", JSON.stringify(images)], 300_000);
  return inputs;
}
