// Which version of Atlas serves a stack, and going back to the one before.
import { act } from "../../components/operations/act.ts";
import { deploymentHere } from "../../components/operations/here.ts";
import { type State, stateOf as stateIn, stateSchema } from "../../ops/state.ts";
import { pointToGoBackTo } from "../../ops/upgrade/rollback.ts";
import { type Images, type Versions, versionName } from "../../ops/upgrade/versions.ts";
import { runOps } from "./ops.ts";
import { Stop } from "./process.ts";
import { findOperations, pulumi } from "./stack.ts";
import type { World } from "./world.ts";

/** Undefined where nothing is deployed, or the machine does not tell. */
export async function stateOf(world: World, stack: string): Promise<State | undefined> {
  const inputs = findOperations(world, stack);
  if (!inputs) return undefined;
  try {
    if (typeof inputs.engine !== "object") return stateIn(deploymentHere(inputs.settings));
    return stateSchema.parse(JSON.parse(await act(inputs, ["state"])));
  } catch (error) {
    console.error(`What state the data are in is not known: ${(error as Error).message.split("\n")[0]}`);
    return undefined;
  }
}

/** Why nothing may start: whoever writes now would lose it. */
export const halfRestored = (stack: string, set: string): string =>
  `The restore of set ${set} was cut off in the middle. Go on with it first: scripts/restore ${stack} ${set} --yes`;

/**
 * The version that a failed up has to leave again: one that has not come to its end, or has come to it in this run.
 * @param before what was known when the run began
 */
export function failedUpgrade(before: Versions | undefined, after: Versions | undefined): Images | undefined {
  if (after?.pending) return after.pending.returning ? undefined : after.pending.to;
  const since = before && after?.before && JSON.stringify(before.serving) !== JSON.stringify(after.serving);
  return since ? after.serving : undefined;
}

/**
 * Puts the version before in place, with the data that it knows. The configuration stays as it is.
 * @param yes what is lost thereby is known
 * @throws Stop where there is nothing to go back to
 */
export async function goBack(world: World, stack: string, yes: boolean): Promise<number> {
  const { images } = whereTo((await stateOf(world, stack))?.versions);
  const code = await runOps(world, stack, ["rollback", ...(yes ? ["--yes"] : [])]);
  if (code !== 0) return code;
  const env = { ...world.env, ATLAS_CONFIG_IMAGES: JSON.stringify(images) };
  const up = ["up", "--stack", stack, "--yes", "--skip-preview", "--suppress-outputs"];
  const upCode = await pulumi({ ...world, env }, up);
  if (upCode !== 0)
    throw new Stop(`Atlas ${versionName(images)} is not back yet. Go on: scripts/rollback ${stack}`);
  console.log(`
Atlas ${versionName(images)} serves again. The configuration is as it was; to stay with this version:
  scripts/pulumi config set --path atlas:images.backend ${images.backend} --stack ${stack}
  scripts/pulumi config set --path atlas:images.frontend ${images.frontend} --stack ${stack}`);
  return 0;
}

export function whereTo(versions: Versions | undefined): ReturnType<typeof pointToGoBackTo> {
  try {
    return pointToGoBackTo(versions ?? { pulled: [] });
  } catch (error) {
    throw new Stop((error as Error).message);
  }
}
