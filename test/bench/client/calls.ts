// What one call costs, the client's against the others': interleaved rounds, so that a busy machine is busy for all.
import { median, table } from "../numbers.ts";
import type { Contender } from "./contenders.ts";

export interface Rounds {
  readonly rounds: number;
  /** Calls of each contender in a round. */
  readonly calls: number;
  /** Calls under way at once. */
  readonly concurrency: number;
}

/** Milliseconds that one call took, by contender and round. */
export type CallTimes = ReadonlyMap<string, readonly number[]>;

/** They let connections open and code be compiled. */
const WARM_UP_ROUNDS = 5;

export async function measureCalls(contenders: readonly Contender[], shape: Rounds): Promise<CallTimes> {
  const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = -WARM_UP_ROUNDS; round < shape.rounds; round++) {
    const start = Math.abs(round) % contenders.length;
    for (const contender of [...contenders.slice(start), ...contenders.slice(0, start)]) {
      const time = await timeOf(contender, shape);
      if (round >= 0) times.get(contender.name)?.push(time);
    }
  }
  return times;
}

async function timeOf({ name, call }: Contender, { calls, concurrency }: Rounds): Promise<number> {
  let left = calls;
  const caller = async () => {
    while (left-- > 0) {
      const { id } = await call();
      if (id !== 1) throw new Error(`${name} read work order ${id} in place of 1`);
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: concurrency }, caller));
  return (performance.now() - started) / calls;
}

/** How many times as long the client takes as another one, by their medians. */
export function ratioTo(times: CallTimes, other: string): number {
  return median([...(times.get("client") ?? [])]) / median([...(times.get(other) ?? [])]);
}

export function callsText(times: CallTimes, { rounds, calls, concurrency }: Rounds): string {
  const milliseconds = (value: number) => `${value.toFixed(3)} ms`;
  const rows = [...times].map(([name, values]) => [
    name,
    milliseconds(median([...values])),
    milliseconds(Math.min(...values)),
    milliseconds(Math.max(...values)),
    ratioTo(times, name).toFixed(2),
  ]);
  const head = ["", "median", "fastest", "slowest", "client takes"];
  return `One call, ${concurrency} at a time (${rounds} rounds of ${calls})\n${table([head, ...rows])}`;
}
