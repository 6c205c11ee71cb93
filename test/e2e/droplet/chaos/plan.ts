// Which faults come in which order, from a seed: the same seed is the same plan.
import { serviceNames } from "../../../../components/services/service.ts";

export interface Fault {
  /** From 1. */
  number: number;
  kind: Kind;
  /** What it befalls: a service, or a part of the machine. */
  target: string;
  /** How long it lasts before it ends by itself; 0 for one that is over at once. */
  seconds: number;
}

export type Kind = keyof typeof kinds;

interface Spread {
  targets: readonly string[];
  /** Shortest and longest. */
  seconds?: readonly [number, number];
}

const aFew = [2, 10] as const;

const kinds = {
  kill: { targets: serviceNames },
  disconnect: { targets: serviceNames, seconds: aFew },
  "drop packets": { targets: ["postgres", "backend"], seconds: aFew },
  "cut network": { targets: ["machine"], seconds: aFew },
  "fill disk": { targets: ["data volume"], seconds: [10, 30] },
  "fill disk and kill": { targets: ["postgres"], seconds: [10, 30] },
  "kill engine": { targets: ["docker", "containerd"] },
  "kill shims": { targets: ["containerd"] },
  "crash loop": { targets: ["docker"], seconds: [12, 20] },
  "stop engine": { targets: ["docker"], seconds: aFew },
  pause: { targets: ["postgres"], seconds: aFew },
  reboot: { targets: ["machine"] },
  "power cycle": { targets: ["machine"] },
} as const satisfies Record<string, Spread>;

export const kindNames = Object.keys(kinds) as Kind[];

/** Each kind with each of its targets. */
export const pairs = kindNames.flatMap((kind) => kinds[kind].targets.map((target) => ({ kind, target })));

/**
 * All pairs in a random order, again and again; in the first round each kind comes once before any comes twice. A
 * shorter plan is the beginning of a longer one.
 */
export function plan(seed: number, count: number): Fault[] {
  const random = randomFrom(seed);
  const round = () =>
    shuffled(pairs, random).map((pair) => ({ ...pair, seconds: secondsOf(kinds[pair.kind], random) }));
  const [first = [], ...others] = Array.from({ length: Math.ceil(count / pairs.length) }, round);
  return [...kindsFirst(first), ...others.flat()]
    .slice(0, count)
    .map((fault, index) => ({ number: index + 1, ...fault }));
}

function secondsOf({ seconds }: Spread, random: () => number): number {
  if (!seconds) return 0;
  const [shortest, longest] = seconds;
  return shortest + Math.floor(random() * (longest - shortest + 1));
}

function kindsFirst<T extends { kind: Kind }>(items: T[]): T[] {
  const isFirst = (item: T, index: number) => items.findIndex(({ kind }) => kind === item.kind) === index;
  return [...items.filter(isFirst), ...items.filter((item, index) => !isFirst(item, index))];
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/** Numbers from 0 up to, not including, 1 (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
