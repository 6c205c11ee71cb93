import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { text as readAll } from "node:stream/consumers";
import { expect } from "vitest";

const node = path.resolve("node_modules/.bin/node");

/** Runs a script of the folder plain-node in a process of its own, which has to end well and by itself. */
export async function inPlainNode(script: string, input: unknown, env = process.env): Promise<unknown> {
  const child = spawn(node, [path.join("test/unit/components/plain-node", script)], {
    stdio: ["pipe", "pipe", "pipe"],
    timeout: 15_000,
    env,
  });
  child.stdin.end(JSON.stringify(input));
  const [out, err, [code, signal]] = await Promise.all([
    readAll(child.stdout),
    readAll(child.stderr),
    once(child, "close"),
  ]);
  const unfinished = signal ? out : "";
  expect({ err, code, signal, unfinished }).toEqual({ err: "", code: 0, signal: null, unfinished: "" });
  return JSON.parse(out);
}
