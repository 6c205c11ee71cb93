import type { Machines } from "../machines.ts";
import type { State } from "./state.ts";

/** What every part of the server works with. */
export interface Twin {
  state: State;
  /** Writes the books; to be called before an answer tells of a change. */
  save(): void;
  machines: Machines;
  /** First two numbers of the addresses that it gives out. */
  addressPrefix: string;
  log(line: string): void;
  now(): number;
  /** The machines' rules as they were last set, as text; what has not changed is not set again. */
  rulesInForce: Map<number, string>;
  /** Aborted when the process ends; what is then under way is resumed by the next one. */
  closing: AbortSignal;
}

/** In the original's form, without fractions of a second. */
export const timestamp = (twin: Twin): string => new Date(twin.now()).toISOString().replace(/\.\d+Z$/, "Z");

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
