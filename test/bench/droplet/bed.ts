// A droplet stack to measure, and its end.
import { runOverSsh } from "../../../components/hosts/ssh.ts";
import { enterWorld } from "../../../scripts/lib/world.ts";
import { DropletStack } from "../../e2e/droplet/droplet-stack.ts";
import { type Step, stepOf } from "../phases.ts";
import { timed } from "../timed.ts";
import type { Interval } from "./intervals.ts";

export interface DropletBed extends AsyncDisposable {
  droplet: DropletStack;
  signal: AbortSignal;
  /** `pulumi up`; the engine's steps with their times since the epoch. */
  up: () => Promise<Interval & { steps: Step[] }>;
  /** Runs lines of shell on the droplet as root, over one connection. */
  shell: () => Promise<(line: string) => Promise<string>>;
}

/** A droplet may wait minutes for its packages. */
const upPatienceMs = 15 * 60_000;

/** Made, not deployed. */
export async function makeDropletBed(signal: AbortSignal): Promise<DropletBed> {
  const droplet = await DropletStack.make();
  const { name } = droplet.stack;
  await using undo = new AsyncDisposableStack();
  undo.defer(() => takeAway(droplet));
  const { env } = await enterWorld(name, "sandbox");
  await timed("pulumi", ["stack", "select", "--create", name], { env, signal });
  const ending = undo.move();
  return {
    droplet,
    signal,
    up: async () => {
      const steps: Step[] = [];
      const begin = Date.now();
      const args = ["up", "--stack", name, "--yes", "--skip-preview", "--non-interactive", "--json"];
      const took = await timed("pulumi", args, {
        env,
        signal,
        patienceMs: upPatienceMs,
        onLine: (line, at) => {
          const step = stepOf(line, begin + at);
          if (step) steps.push(step);
        },
      });
      return { begin, end: begin + took, steps };
    },
    shell: async () => {
      const target = await droplet.sshTarget();
      return async (line) => {
        const { code, output } = await runOverSsh(target, line, { signal });
        if (code !== 0) throw new Error(`${line}: exit code ${code}: ${output}`);
        return output.toString().trim();
      };
    },
    [Symbol.asyncDispose]: () => ending.disposeAsync(),
  };
}

async function takeAway(droplet: DropletStack): Promise<void> {
  console.log("  taking the droplet away ...");
  await droplet.remove();
  const left = (
    await Promise.all(
      ["droplets", "volumes", "reserved_ips"].map(async (path) => [path, await droplet.list(path)]),
    )
  ).filter(([, items]) => (items?.length ?? 0) > 0);
  if (left.length > 0)
    throw new Error(
      `stack ${droplet.stack.name} has left something in its account of the twin: ${left.map(([path]) => path).join(", ")}`,
    );
}
