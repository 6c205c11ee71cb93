// The benchmark of the cost report: a preview read and priced, against JSON.parse of the same file.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { estimate } from "../../../components/cost/estimate.ts";
import { readPreview } from "../../../components/cost/plan/preview.ts";
import { priceBook } from "../../../components/cost/price-book.ts";
import { main, Stop } from "../../../scripts/lib/process.ts";
import { median, rounded, table } from "../numbers.ts";
import { previewText } from "./preview-file.ts";

const runs = 15;
const warmUps = 3;

await main(async () => {
  if (process.argv.length > 2)
    throw new Stop(`Unknown: ${process.argv.slice(2).join(" ")}. Usage: scripts/bench cost`);
  const folder = mkdtempSync(path.join(tmpdir(), "atlas-bench-cost-"));
  try {
    const [small, large] = [1_000, 10_000].map((resources) => {
      const file = path.join(folder, `${resources}.json`);
      writeFileSync(file, previewText(resources));
      return measured(file);
    });
    if (!small || !large) throw new Error("nothing was measured");
    console.log(report([small, large]));
    console.log(
      `\n${JSON.stringify({ vsJsonParse: rounded(vsJsonParse(large)), ms1000: rounded(median(small.whole)) })}`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
  return 0;
});

/** Milliseconds of each run. */
interface Measured {
  resources: number;
  megabytes: number;
  /** JSON.parse of the file and nothing else. */
  parse: number[];
  /** From the file to the estimate, and two parts of it. */
  whole: number[];
  read: number[];
  price: number[];
  /** Before anything was compiled. */
  first: number;
}

/** Both ways by turns, in one order and the other. The price book is there already, as it is in a script. */
function measured(file: string): Measured {
  const found: Measured = { resources: 0, megabytes: 0, parse: [], whole: [], read: [], price: [], first: 0 };
  const book = priceBook();
  const open = (): unknown => JSON.parse(readFileSync(file, "utf8"));
  const parse = () => found.parse.push(timed(open)[0]);
  const whole = () => {
    const [opened, json] = timed(open);
    const [read, plan] = timed(() => readPreview(json));
    const [price, bill] = timed(() => estimate(plan.after, book));
    found.whole.push(opened + read + price);
    found.read.push(read);
    found.price.push(price);
    found.resources = bill.resources.length;
  };
  for (let run = 0; run < warmUps + runs; run++)
    for (const way of run % 2 ? [parse, whole] : [whole, parse]) way();
  found.first = found.whole[0] ?? Number.NaN;
  found.megabytes = statSync(file).size / 1e6;
  for (const part of [found.parse, found.whole, found.read, found.price]) part.splice(0, warmUps);
  return found;
}

function timed<T>(work: () => T): [milliseconds: number, result: T] {
  const started = performance.now();
  const result = work();
  return [performance.now() - started, result];
}

function vsJsonParse({ whole, parse }: Measured): number {
  return median(whole) / median(parse);
}

function report(all: Measured[]): string {
  const row = (name: string, of: (one: Measured) => number) => [
    name,
    ...all.map((one) => `${of(one).toFixed(1)} ms`),
  ];
  return table([
    ["", ...all.map(({ resources, megabytes }) => `${resources} resources, ${megabytes.toFixed(1)} MB`)],
    row("JSON.parse of the file", ({ parse }) => median(parse)),
    row("file to estimate", ({ whole }) => median(whole)),
    row("- readPreview", ({ read }) => median(read)),
    row("- estimate", ({ price }) => median(price)),
    row("file to estimate, the first time", ({ first }) => first),
    ["file to estimate / JSON.parse", ...all.map((one) => vsJsonParse(one).toFixed(2))],
  ]);
}
