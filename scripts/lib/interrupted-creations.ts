// A run that is killed between making something and writing it down leaves an entry "creating" in the state. Pulumi
// cannot know whether the thing exists, and would ask on every later run; whoever looks can know.
import { findByName } from "./digitalocean.ts";
import { capture } from "./process.ts";
import { root } from "./root.ts";
import { changeState, exportState, type StateResource } from "./stack-state.ts";
import type { World } from "./world.ts";

/**
 * What exists at DigitalOcean under the name that it was to have is taken into the state. Everything else is
 * forgotten: the hooks of components/hosts/leftovers.ts find containers by their label, and what has no name there
 * (releases, attachments) is made again without harm.
 */
export async function settleInterruptedCreations(world: World, stack: string): Promise<void> {
  const creating = (exportState(world, stack).pending_operations ?? []).filter(
    ({ type }) => type === "creating",
  );
  if (creating.length === 0) return;
  const found: { resource: StateResource; id: string }[] = [];
  for (const { resource } of creating) {
    const id = await findByName(resource, world.env);
    if (id !== undefined) found.push({ resource, id });
  }
  changeState(world, stack, (state) => {
    // Behind all that it depends on, which was there when its creation began.
    state.resources.push(
      ...found.map(({ resource, id }) => ({ ...resource, id, outputs: { ...resource.inputs } })),
    );
    state.pending_operations = state.pending_operations?.filter(({ type }) => type !== "creating") ?? [];
  });
  if (found.length === 0) return;
  for (const { resource, id } of found)
    console.log(`Taking in what the interrupted run made: ${resource.urn.split("::").at(-1)} (${id}).`);
  // The rest of what there is to know of them.
  const targets = found.flatMap(({ resource }) => ["--target", resource.urn]);
  capture("pulumi", ["refresh", "--stack", stack, "--yes", "--skip-preview", ...targets], {
    cwd: root,
    env: world.env,
  });
}
