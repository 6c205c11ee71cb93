import type { Props } from "../bridge/schema.ts";
import { checkInputs } from "./check.ts";
import { localCommand, remoteCommand } from "./command.ts";
import { copyFile, copyToRemote } from "./copy.ts";
import { localRunInputs } from "./fields.ts";
import { runLocally } from "./local/run.ts";
import type { Context, Resource } from "./resource.ts";
import { reveal } from "./values.ts";

export const resources: Record<string, Resource> = {
  "command:local:Command": localCommand,
  "command:remote:Command": remoteCommand,
  "command:remote:CopyToRemote": copyToRemote,
  "command:remote:CopyFile": copyFile,
};

export const RUN = "command:local:run";

/** The function local.run: runs on every preview and update, and gives back its arguments with what was printed. */
export async function run(context: Context, given: Props) {
  const { inputs, failures } = checkInputs(localRunInputs, given);
  if (failures.length > 0) return { failures, result: {} };
  const plain = reveal(inputs);
  const nothing = { stdout: "", stderr: "" };
  const outputs = await runLocally(context, String(plain.command), plain, nothing);
  return { failures, result: { ...inputs, ...outputs } };
}
