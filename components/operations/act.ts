// An act of ops/ on the machine of a deployment's engine, for programs: its answer is returned, its log is for the error.
import { execFile } from "node:child_process";
import { jsonOf } from "../../ops/json-file.ts";
import { quoted, runOverSsh } from "../hosts/ssh.ts";
import { actHere, type HereCommand } from "./here.ts";
import type { OperationsInputs } from "./operations.ts";
import { commandOf } from "./paths.ts";

/**
 * @param words the act, and what it is about
 * @param timeoutMs for an answer over ssh; a minute is enough for what only reads or writes a line
 * @returns what it answers
 * @throws Error with what its log says went wrong
 */
export async function act(
  inputs: Pick<OperationsInputs, "settings" | "engine">,
  words: string[],
  timeoutMs = 60_000,
): Promise<string> {
  const { code, out, log } = await done(inputs, words, timeoutMs);
  if (code === 0) return out;
  throw new Error(errorsOf(log) || `${words[0]} has failed (exit code ${code})`);
}

interface Done {
  code: number;
  out: string;
  log: string;
}

async function done(
  inputs: Pick<OperationsInputs, "settings" | "engine">,
  words: string[],
  timeoutMs: number,
): Promise<Done> {
  const { engine } = inputs;
  if (typeof engine !== "object") return actHere(inputs, words, executed);
  const line = commandOf(...words)
    .map(quoted)
    .join(" ");
  const { code, stdout, stderr } = await runOverSsh(engine, line, { timeoutMs });
  return { code, out: stdout.toString(), log: stderr.toString() };
}

const executed = ({ command, args, env }: HereCommand): Promise<Done> =>
  new Promise((resolve) => {
    execFile(command, args, { env, maxBuffer: 64 * 2 ** 20 }, (error, out, stderr) => {
      const code = typeof error?.code === "number" ? error.code : 1;
      resolve({ code: error ? code : 0, out, log: stderr || (error?.message ?? "") });
    });
  });

/** A log line is a line of JSON; what is none comes from Node.js itself. */
function errorsOf(log: string): string {
  const lines = log.split("\n").filter((line) => line !== "");
  const errors = lines.map(jsonOf).filter(isErrorLine);
  return errors.length > 0 ? errors.map(({ message }) => message).join("\n") : lines.slice(-10).join("\n");
}

const isErrorLine = (line: unknown): line is { message: string } =>
  typeof line === "object" && line !== null && "level" in line && line.level === "error" && "message" in line;
