// A stack's state as text: read, and written back changed where no Pulumi command does it.
import { capture } from "./process.ts";
import { root } from "./root.ts";
import type { World } from "./world.ts";

export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  retainOnDelete?: boolean;
}

export interface State {
  resources: StateResource[];
  /** What a killed run was doing. */
  pending_operations?: { type: string; resource: StateResource }[];
}

export function exportState(world: World, stack: string, ...flags: string[]): State {
  const args = ["stack", "export", "--stack", stack, ...flags];
  const { deployment } = JSON.parse(capture("pulumi", args, { cwd: root, env: world.env }));
  return { ...deployment, resources: deployment.resources ?? [] };
}

/** Writes the state back as the function leaves it. */
export function changeState(world: World, stack: string, change: (state: State) => void): void {
  const options = { cwd: root, env: world.env };
  const exported = JSON.parse(capture("pulumi", ["stack", "export", "--stack", stack], options));
  exported.deployment.resources ??= [];
  change(exported.deployment);
  const input = Buffer.from(JSON.stringify(exported));
  capture("pulumi", ["stack", "import", "--stack", stack], { ...options, input });
}

const costly = ["digitalocean:index/volume:Volume", "digitalocean:index/reservedIp:ReservedIp"];

/** What is kept on delete as a rule. The network stays: an account's first one cannot be deleted, and costs nothing. */
export function allowDeletion(world: World, stack: string): void {
  const kept = ({ type, retainOnDelete }: StateResource) => retainOnDelete === true && costly.includes(type);
  if (!exportState(world, stack).resources.some(kept)) return;
  changeState(world, stack, ({ resources }) => {
    for (const resource of resources.filter(kept)) resource.retainOnDelete = false;
  });
}
