// A cold `pulumi up`, bootstrap and smoke checks included, against `docker compose up --wait` of the same services.
import type { Bed } from "./bed.ts";
import { composeUp } from "./compose-up.ts";
import { median, seconds, table } from "./numbers.ts";
import type { Phase } from "./phases.ts";
import { coldUp, freshStack } from "./pulumi-up.ts";

interface Pair {
  pulumi: number;
  compose: number;
  phases: Phase[];
}

/**
 * Measures pairs, each the other way round than the one before.
 * @param options.until when no further pair may begin, as performance.now(); the first one always does
 */
export async function coldUpVsCompose(
  bed: Bed,
  compose: string[],
  { pairs, until }: { pairs: number; until: number },
): Promise<number> {
  const measured: Pair[] = [];
  while (measured.length < pairs && (measured.length === 0 || performance.now() < until)) {
    measured.push(await measurePair(bed, compose, measured.length % 2 === 0));
    const { pulumi, compose: other } = measured.at(-1) ?? { pulumi: 0, compose: 0 };
    console.log(
      `  pair ${measured.length} of ${pairs}: pulumi ${seconds(pulumi)}, compose ${seconds(other)}`,
    );
  }
  console.log(`\n${report(measured)}`);
  return median(measured.map(({ pulumi, compose: other }) => pulumi / other));
}

/** The stack of the last pair keeps running where Pulumi comes second. */
async function measurePair(bed: Bed, compose: string[], pulumiLast: boolean): Promise<Pair> {
  const byPulumi = async () => {
    await bed.clear();
    await freshStack(bed);
    return coldUp(bed);
  };
  const byCompose = async () => {
    await bed.clear();
    return composeUp(bed, compose);
  };
  if (pulumiLast) {
    const milliseconds = await byCompose();
    const { milliseconds: pulumi, phases } = await byPulumi();
    return { pulumi, compose: milliseconds, phases };
  }
  const { milliseconds: pulumi, phases } = await byPulumi();
  return { pulumi, compose: await byCompose(), phases };
}

function report(pairs: Pair[]): string {
  const row = (name: string, of: (pair: Pair) => number, text: (value: number) => string) => [
    name,
    ...pairs.map((pair) => text(of(pair))),
    text(median(pairs.map(of))),
  ];
  const runs = table([
    ["", ...pairs.map((_, index) => `pair ${index + 1}`), "median"],
    row("pulumi up to smoke green", ({ pulumi }) => pulumi, seconds),
    row("docker compose up --wait", ({ compose }) => compose, seconds),
    row(
      "ratio",
      ({ pulumi, compose }) => pulumi / compose,
      (ratio) => ratio.toFixed(2),
    ),
  ]);
  const names = pairs[0]?.phases.map(({ name }) => name) ?? [];
  const of = (pair: Pair, name: string) => pair.phases.find((phase) => phase.name === name);
  const phases = names.map((name) => [
    name,
    seconds(median(pairs.map((pair) => of(pair, name)?.begin ?? 0))),
    seconds(median(pairs.map((pair) => (of(pair, name)?.end ?? 0) - (of(pair, name)?.begin ?? 0)))),
  ]);
  return `Cold up\n${runs}\n\nPhases of the cold pulumi up (medians; some overlap)\n${table([["", "begins at", "takes"], ...phases])}`;
}
