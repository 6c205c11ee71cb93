import type { Props } from "../bridge/schema.ts";
import { type Fields, localCommandInputs, remoteCommandInputs, type Struct } from "./fields.ts";
import { runLocally } from "./local/run.ts";
import type { Outputs } from "./output.ts";
import { runRemotely } from "./remote/run.ts";
import { type Context, type Resource, uniqueId } from "./resource.ts";

/** Runs one command line; `previous` is what the last one printed. */
type Run = (context: Context, command: string, inputs: Props, previous: Outputs) => Promise<Props>;

const printed: Fields = {
  stdout: { type: { kind: "string", go: "string" }, required: true },
  stderr: { type: { kind: "string", go: "string" }, required: true },
};
const found: Fields = {
  assets: { type: { kind: "map", item: { kind: "source" } } },
  archive: { type: { kind: "source" } },
};

export const remoteCommand = commandResource(remoteCommandInputs, printed, runRemotely);
export const localCommand = commandResource(localCommandInputs, { ...printed, ...found }, runLocally);

function commandResource(inputs: Struct, outputs: Fields, run: Run): Resource {
  return {
    inputs,
    outputs,
    computed: ["stdout", "stderr"],
    async create(context, name, news) {
      const nothing = { stdout: "", stderr: "" };
      const command = commandLine(news.create);
      const result = command === undefined ? nothing : await run(context, command, news, nothing);
      return { id: uniqueId(name), outputs: result };
    },
    async update(context, state, news) {
      const before = pick(state, Object.keys(outputs));
      const command = commandLine(news.update) ?? commandLine(news.create);
      if (command === undefined) return before;
      return { ...before, ...(await run(context, command, news, previousOf(state))) };
    },
    async delete(context, state) {
      const command = commandLine(state.delete);
      if (command !== undefined) await run(context, command, state, previousOf(state));
    },
  };
}

/** An empty command is a command; only its absence is none. */
function commandLine(value: Props[string] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function previousOf(state: Props): Outputs {
  return { stdout: String(state.stdout ?? ""), stderr: String(state.stderr ?? "") };
}

function pick(state: Props, keys: string[]): Props {
  return Object.fromEntries(Object.entries(state).filter(([key]) => keys.includes(key)));
}
