// Where the operations lie on a droplet.
import { nodeFlags } from "../../ops/backup/node-flags.ts";
import { dataFolder } from "../hosts/droplet/paths.ts";

export const programFile = "/usr/local/lib/atlas/ops.mjs";
/** Holds secrets: root's alone. */
export const deploymentFile = "/etc/atlas/deployment.json";
/** Sets, results and audit log: on the volume, beside the database. */
export const operationsFolder = `${dataFolder}/operations`;
/** The line that does an act there. */
export const commandOf = (...args: string[]): string[] => [
  "node",
  ...nodeFlags,
  programFile,
  ...args,
  "--deployment",
  deploymentFile,
];
