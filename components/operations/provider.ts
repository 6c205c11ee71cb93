// Behind Operations; loaded by its provider. On local Docker the scripts bring their own program, and nothing is installed.
import { type DynamicModule, withinRun } from "../dynamic-shim.ts";
import type { OperationsInputs } from "./operations.ts";

const provider: DynamicModule<OperationsInputs, OperationsInputs> = {
  create: async (news) => ({ id: "operations", outs: news }),
  update: async (_, news) => news,
};

export const { create, update } = withinRun(provider);
