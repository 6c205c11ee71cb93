// Behind Smoke; loaded by its provider.
import { type DynamicModule, withinRun } from "../dynamic-shim.ts";
import { failureText, type SmokeReport } from "./report.ts";
import { runSmoke } from "./run.ts";
import type { SmokeInputs } from "./smoke.ts";

type Outputs = SmokeInputs & { report: SmokeReport };

async function passingReport(inputs: SmokeInputs): Promise<SmokeReport> {
  const report = await runSmoke(inputs);
  if (report.failed > 0) throw new Error(failureText(report));
  return report;
}

const provider: DynamicModule<SmokeInputs, Outputs> = {
  create: async (news) => ({ id: "smoke", outs: { ...news, report: await passingReport(news) } }),
  update: async (_, news) => ({ ...news, report: await passingReport(news) }),
};

export const { create, update } = withinRun(provider);
