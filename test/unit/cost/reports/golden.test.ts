// What people and programs get to see, to the byte. UPDATE_GOLDEN=1 writes the files anew; the difference is to be read.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { htmlReport } from "../../../../components/cost/reports/html.ts";
import { infracostReport } from "../../../../components/cost/reports/infracost.ts";
import { costMarkdown } from "../../../../components/cost/reports/markdown.ts";
import type { Report } from "../../../../components/cost/reports/report.ts";
import { tableReport } from "../../../../components/cost/reports/table.ts";
import { scenarios } from "./scenarios.ts";

const formats: Record<string, (report: Report) => string> = {
  txt: tableReport,
  json: (report) => `${JSON.stringify(infracostReport(report), undefined, 2)}\n`,
  md: costMarkdown,
  html: htmlReport,
};

describe.each(Object.entries(scenarios))("%s", (name, report) => {
  test.each(Object.entries(formats))("%s", (extension, render) => {
    const file = path.join(import.meta.dirname, "golden", `${name}.${extension}.golden`);
    const text = render(report);
    if (process.env.UPDATE_GOLDEN) writeFileSync(file, text);
    expect(text).toBe(readFileSync(file, "utf8"));
  });
});
