import { randomBytes } from "node:crypto";
import type { Failure } from "../bridge/check.ts";
import type { Props } from "../bridge/schema.ts";
import type { Fields, Struct } from "./fields.ts";
import type { Log } from "./log.ts";

/** What an operation has beside its properties. */
export interface Context {
  log: Log;
  /** Aborted when the engine cancels or the resource's timeout is over. */
  signal: AbortSignal;
}

/** A kind of object. Its properties come without secret marks; its state is its inputs and what it gives back. */
export interface Resource {
  inputs: Struct;
  outputs: Fields;
  /** Outputs that no preview can know. */
  computed: readonly string[];
  check?(inputs: Props): Failure[];
  create(context: Context, name: string, inputs: Props): Promise<{ id: string; outputs: Props }>;
  /** Without it every change is a replacement. */
  update?(context: Context, state: Props, inputs: Props): Promise<Props>;
  delete?(context: Context, state: Props): Promise<void>;
}

export function uniqueId(prefix: string): string {
  return prefix + randomBytes(4).toString("hex");
}
