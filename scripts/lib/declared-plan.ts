// The plan of a stack from its program alone: no engine, no state, no secret and no account is needed.
import path from "node:path";
import { z } from "zod";
import type { PlannedResource } from "../../components/cost/resource.ts";
import { capture } from "./process.ts";
import { root } from "./root.ts";

const planned = z.array(
  z.object({
    type: z.string(),
    name: z.string(),
    inputs: z.record(z.string(), z.unknown()),
    uses: z.record(z.string(), z.array(z.string())),
    protect: z.boolean(),
  }),
);

/**
 * Runs the program up to the point where it would register its resources.
 * @param checkout of this project; another one than this for a look at another state of it
 * @param env that of a world (world.ts), which may set configuration as well
 * @throws Stop with the program's own message, such as its configuration faults
 */
export function declaredPlan(
  stack: string,
  checkout = root,
  env: NodeJS.ProcessEnv = process.env,
): PlannedResource[] {
  const said = capture(process.execPath, [path.join(import.meta.dirname, "declare.ts"), checkout, stack], {
    cwd: checkout,
    env,
  });
  // The program may have written lines of its own before.
  return planned.parse(JSON.parse(said.trimEnd().split("\n").at(-1) ?? ""));
}
