// Behind Upgrade; loaded by its provider.
import { type DynamicModule, withinRun } from "../dynamic-shim.ts";
import { act } from "../operations/act.ts";
import type { UpgradeInputs } from "./upgrade.ts";

const provider: DynamicModule<UpgradeInputs, UpgradeInputs> = {
  create: async (news) => ({ id: "upgrade", outs: await prepared(news) }),
  update: async (_, news) => prepared(news),
};

export const { create, update } = withinRun(provider);

async function prepared(inputs: UpgradeInputs): Promise<UpgradeInputs> {
  await act(inputs, ["upgrade", JSON.stringify(inputs.images)]);
  return inputs;
}
