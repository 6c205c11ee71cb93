// Where the time of an up goes, from the engine's own events.

export interface Step {
  kind: "begin" | "end";
  /** Type and name of the resource. */
  type: string;
  name: string;
  /** Milliseconds since the start of the process. */
  at: number;
}

export interface Phase {
  name: string;
  begin: number;
  end: number;
}

/** In the order in which they begin; some overlap. */
const kinds: { name: string; holds: (step: Step) => boolean }[] = [
  { name: "secrets", holds: ({ type }) => type.endsWith("/atlas:GeneratedSecret") },
  { name: "images", holds: ({ type }) => type.endsWith(":RemoteImage") },
  { name: "volumes", holds: ({ type }) => type.endsWith(":Volume") },
  { name: "network", holds: ({ type }) => type.endsWith(":Network") },
  {
    name: "containers",
    holds: ({ type, name }) => type.endsWith(":Container") && !name.endsWith("-ingress"),
  },
  { name: "bootstrap", holds: ({ type }) => type.endsWith("/atlas:Bootstrap") },
  {
    name: "public door",
    holds: ({ type, name }) => type.endsWith(":Container") && name.endsWith("-ingress"),
  },
  { name: "smoke", holds: ({ type }) => type.endsWith("/atlas:Smoke") },
];

/** A line of `pulumi up --json` as a step, if it tells of one. */
export function stepOf(line: string, at: number): Step | undefined {
  if (!line.startsWith("{")) return undefined;
  const event = JSON.parse(line) as Record<"resourcePreEvent" | "resOutputsEvent", EventBody | undefined>;
  const metadata = (event.resourcePreEvent ?? event.resOutputsEvent)?.metadata;
  if (!metadata) return undefined;
  const name = metadata.urn.split("::").at(-1) ?? "";
  return { kind: event.resourcePreEvent ? "begin" : "end", type: metadata.type, name, at };
}

interface EventBody {
  metadata?: { urn: string; type: string };
}

/** @param total when the process ended */
export function phasesOf(steps: Step[], total: number): Phase[] {
  const work = kinds.flatMap(({ name, holds }) => {
    const own = steps.filter(holds);
    const begin = own.find(({ kind }) => kind === "begin")?.at;
    const end = own.findLast(({ kind }) => kind === "end")?.at;
    return begin === undefined || end === undefined ? [] : [{ name, begin, end }];
  });
  const first = Math.min(total, ...work.map(({ begin }) => begin));
  const last = Math.max(first, ...work.map(({ end }) => end));
  return [
    { name: "engine and program", begin: 0, end: first },
    ...work,
    { name: "end of the engine", begin: last, end: total },
  ];
}
