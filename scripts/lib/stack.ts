// A stack of this project, through the Pulumi CLI.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { publicKeyOf } from "../../components/hosts/droplet/keys.ts";
import type { MachineInputs } from "../../components/hosts/droplet/machine.ts";
import type { SshTarget } from "../../components/hosts/ssh.ts";
import type { OperationsInputs } from "../../components/operations/operations.ts";
import type { SmokeInputs } from "../../components/smoke/smoke.ts";
import { settleInterrupted } from "./interrupted.ts";
import { attach, capture, Stop } from "./process.ts";
import { root } from "./root.ts";
import { exportState, type State, type StateResource } from "./stack-state.ts";
import type { World } from "./world.ts";

/** What was read since Pulumi ran last, by stack. */
const read = new Map<string, State>();

/** Runs Pulumi in the project's folder with the terminal as its own. */
export function pulumi(world: World, args: string[]): Promise<number> {
  read.clear();
  return attach("pulumi", args, { cwd: root, env: world.env });
}

/** Selects the stack, and makes it where there is none yet. */
export async function selectStack(world: World, stack: string): Promise<void> {
  capture("pulumi", ["stack", "select", "--create", stack], { cwd: root, env: world.env });
  await releaseDeadLock(world, stack);
}

/** A run that was killed leaves a lock in a state on this disk, which names its process: that one is gone. */
async function releaseDeadLock(world: World, stack: string): Promise<void> {
  const backend = world.env.PULUMI_BACKEND_URL ?? "";
  if (!backend.startsWith("file://")) return;
  const folder = path.join(
    backend.slice("file://".length).replace(/\?.*/, ""),
    ".pulumi/locks/organization/atlas",
    stack,
  );
  if (!existsSync(folder)) return;
  let released = false;
  for (const file of readdirSync(folder)) {
    const lock = JSON.parse(readFileSync(path.join(folder, file), "utf8")) as {
      pid: number;
      hostname: string;
    };
    if (lock.hostname !== hostname() || isPulumi(lock.pid)) continue;
    console.log(`Releasing the lock of process ${lock.pid}, which was ended in the middle of a run.`);
    rmSync(path.join(folder, file));
    released = true;
  }
  if (released) await settleInterrupted(world, stack);
}

/** A number may belong to another program by now, or to a dead process that nobody has collected yet. */
function isPulumi(pid: number): boolean {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) && /^\d+ \(pulumi\) [^ZX]/.test(readFileSync(file, "utf8"));
}

/** Arguments for an up that makes a new droplet, whatever else it changes; the data stays on its volume. */
export function replaceDroplet(world: World, stack: string): string[] {
  const droplet = exportState(world, stack).resources.find(
    ({ type }) => type === "digitalocean:index/droplet:Droplet",
  );
  if (!droplet) throw new Stop(`Stack ${stack} has no droplet to replace.`);
  // Lets the new one have the image and first-boot script of today.
  world.env.ATLAS_CONFIG_REPLACE_DROPLET = "true";
  return ["--replace", droplet.urn];
}

/** The stack's outputs, secrets as text. */
export const outputs = (world: World, stack: string): Record<string, unknown> =>
  plainOf(resourceOf(world, stack, "pulumi:pulumi:Stack")?.outputs ?? {});

/** How the stack's droplet is reached; undefined where it has none. It needs no up that has come to its end. */
export function machineTarget(world: World, stack: string): SshTarget | undefined {
  const inputs = inputsOf(world, stack, "pulumi-nodejs:dynamic/atlas:Machine");
  if (!inputs) return undefined;
  const { address, deployKey, hostKey } = inputs as unknown as MachineInputs;
  return { address, user: "root", privateKey: deployKey, hostKeys: [publicKeyOf(hostKey)] };
}

/**
 * What the stack's own smoke resource was given, so that the checks from the command line look at the same things.
 * @throws Stop when the stack is not deployed
 */
export function smokeInputs(world: World, stack: string): SmokeInputs {
  const inputs = inputsOf(world, stack, "pulumi-nodejs:dynamic/atlas:Smoke");
  if (!inputs)
    throw new Stop(`Stack ${stack} is not deployed, or no up has passed yet: run scripts/up ${stack} first.`);
  return inputs as unknown as SmokeInputs;
}

/** What backups, drills and status have to know of the stack; undefined where it is not deployed. */
export const findOperations = (world: World, stack: string): OperationsInputs | undefined =>
  inputsOf(world, stack, "pulumi-nodejs:dynamic/atlas:Operations") as OperationsInputs | undefined;

/** @throws Stop when the stack is not deployed */
export function operationsInputs(world: World, stack: string): OperationsInputs {
  const inputs = findOperations(world, stack);
  if (!inputs)
    throw new Stop(
      `Stack ${stack} is not deployed, or by an earlier version: run scripts/up ${stack} first.`,
    );
  return inputs;
}

function inputsOf(world: World, stack: string, type: string): Record<string, unknown> | undefined {
  const inputs = resourceOf(world, stack, type)?.inputs;
  return inputs && plainOf(inputs);
}

function resourceOf(world: World, stack: string, type: string): StateResource | undefined {
  const state = read.get(stack) ?? exportState(world, stack, "--show-secrets");
  read.set(stack, state);
  return state.resources.find((resource) => resource.type === type);
}

const plainOf = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, plain(value)]));

/** An exported secret is an object with the value's JSON in `plaintext`. */
function plain(value: unknown): unknown {
  if (typeof value === "object" && value !== null && "plaintext" in value)
    return JSON.parse(String(value.plaintext));
  return value;
}
