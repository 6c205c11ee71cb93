// The program as it was, or will be, at another commit.
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { PlannedResource } from "../../components/cost/resource.ts";
import { declaredPlan } from "./declared-plan.ts";
import { capture } from "./process.ts";
import { root } from "./root.ts";

/**
 * What the stack's program declares at a commit, with the packages that are installed here; none for a stack that it
 * does not have.
 * @throws Stop where the commit is not in this clone, or its program fails
 */
export function resourcesAtCommit(commit: string, stack: string): PlannedResource[] {
  const folder = mkdtempSync(path.join(tmpdir(), "atlas-commit-"));
  try {
    const archive = path.join(folder, "files.tar");
    capture("git", ["-C", root, "archive", `--output=${archive}`, commit]);
    const checkout = path.join(folder, "checkout");
    mkdirSync(checkout);
    capture("tar", ["-xf", archive, "-C", checkout]);
    symlinkSync(path.join(root, "node_modules"), path.join(checkout, "node_modules"));
    return existsSync(path.join(checkout, `Pulumi.${stack}.yaml`)) ? declaredPlan(stack, checkout) : [];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
