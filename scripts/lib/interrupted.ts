// A run that is killed in the middle of an operation leaves that in the state as pending. Pulumi cannot know what came
// of it, and would ask on every later run; whoever looks can know.
import { findByName } from "./digitalocean.ts";
import { capture } from "./process.ts";
import { root } from "./root.ts";
import { changeState, exportState, type StateResource } from "./stack-state.ts";
import type { World } from "./world.ts";

/**
 * What exists at DigitalOcean under the name that it was to have is taken into the state; what was being changed or
 * deleted there is looked at. Everything else is forgotten: the hooks of components/hosts/leftovers.ts find containers
 * by their label, and what has no name there (releases, attachments) is made again without harm.
 */
export async function settleInterrupted(world: World, stack: string): Promise<void> {
  const { pending_operations: pending = [], resources } = exportState(world, stack);
  if (pending.length === 0) return;
  const made: StateResource[] = [];
  for (const { type, resource } of pending) {
    if (type !== "creating") continue;
    const id = await findByName(resource, world.env);
    // The rest of what there is to know of it comes with the refresh.
    if (id !== undefined) made.push({ ...resource, id, outputs: { ...resource.inputs } });
  }
  changeState(world, stack, (state) => {
    // Behind all that it depends on, which was there when its creation began.
    state.resources.push(...made);
    state.pending_operations = [];
  });
  const inCloud = (urn: string) =>
    resources.some((known) => known.urn === urn && known.type.startsWith("digitalocean:"));
  const touched = pending
    .filter(({ type, resource }) => type !== "creating" && inCloud(resource.urn))
    .map(({ resource }) => resource);
  const looked = [...made, ...touched];
  if (looked.length === 0) return;
  for (const { urn } of looked)
    console.log(`Looking at what the interrupted run has made of ${urn.split("::").at(-1)}.`);
  const targets = [...new Set(looked.map(({ urn }) => urn))].flatMap((urn) => ["--target", urn]);
  capture("pulumi", ["refresh", "--stack", stack, "--yes", "--skip-preview", ...targets], {
    cwd: root,
    env: world.env,
  });
}
