import { parseArgs } from "node:util";
import { answer } from "../components/cost/plan/specification.ts";
import { htmlReport } from "../components/cost/reports/html.ts";
import { infracostReport } from "../components/cost/reports/infracost.ts";
import { costMarkdown } from "../components/cost/reports/markdown.ts";
import type { Report } from "../components/cost/reports/report.ts";
import { tableReport } from "../components/cost/reports/table.ts";
import { compareWith, reportOf, sourceOf } from "./lib/cost-sources.ts";
import { main, Stop } from "./lib/process.ts";

const formats: Record<string, (report: Report) => string> = {
  table: tableReport,
  json: (report) => `${JSON.stringify(infracostReport(report), undefined, 2)}\n`,
  markdown: costMarkdown,
  html: htmlReport,
};

const options = {
  plan: { type: "string" },
  state: { type: "string" },
  spec: { type: "string" },
  format: { type: "string", default: "table" },
  compare: { type: "string" },
  usage: { type: "string" },
} as const;

await main(async () => {
  const { values, positionals } = read(process.argv.slice(2));
  const render = formats[values.format];
  if (!render) throw new Stop(`--format ${values.format} is none of ${Object.keys(formats).join(", ")}.`);
  const given = [positionals[0], values.plan, values.state, values.spec].filter((one) => one !== undefined);
  if (given.length > 1 || positionals.length > 1)
    throw new Stop(`One at a time: a stack, --plan, --state or --spec; given were ${given.join(", ")}.`);
  const source = sourceOf({ stack: positionals[0] ?? process.env.PULUMI_STACK ?? "dev", ...values });
  const report = reportOf(source, {
    usage: values.usage,
    past: values.compare === undefined ? undefined : compareWith(values.compare, source),
  });
  // A specification is answered in the form that it was asked in.
  const asAsked = values.spec !== undefined && values.format === "json";
  process.stdout.write(
    asAsked ? `${JSON.stringify(answer(report.estimate), undefined, 2)}\n` : render(report),
  );
  return undefined;
});

function read(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new Stop(
      `${(error as Error).message}\nKnown are ${Object.keys(options)
        .map((name) => `--${name}`)
        .join(", ")}.`,
    );
  }
}
