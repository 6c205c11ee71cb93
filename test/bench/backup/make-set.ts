// Makes a set of the deployment that comes in as JSON, and tells how much memory the process took for it.
import { readFileSync } from "node:fs";
import { json } from "node:stream/consumers";
import { makeSet } from "../../../ops/backup/make.ts";
import { deploymentSchema } from "../../../ops/deployment.ts";

const deployment = deploymentSchema.parse(await json(process.stdin));
const silent = () => {};
const log = { correlationId: "bench", info: silent, warning: silent, error: silent };
const before = process.memoryUsage.rss();
await makeSet(deployment, "manual", { log });
console.log((peakBytes() - before) / 2 ** 20);

/** Not the kernel's maxrss, which begins with what the parent had when it started this process. */
function peakBytes(): number {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  if (!kibibytes) throw new Error("/proc/self/status tells no peak (VmHWM)");
  return Number(kibibytes) * 1024;
}
