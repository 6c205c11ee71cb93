import Big from "big.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judge } from "../../../../components/cost/budget.ts";
import { costMarkdown } from "../../../../components/cost/reports/markdown.ts";
import type { Report } from "../../../../components/cost/reports/report.ts";
import { estimated, line, priced } from "./estimates.ts";

const named = (name: string, count = 1): Report => {
  const resources = Array.from({ length: count }, (_, index) => [
    priced("Droplet", `${name}${index}`, [line(name, "1", { note: name })]),
    priced("App", `${name}${index}`, [line(name, undefined, { note: name })]),
  ]).flat();
  const estimate = estimated(resources);
  return {
    name,
    estimate,
    past: { name, estimate: estimated([]) },
    verdict: judge(estimate, { monthly: Big(1_000_000), warnAt: 80 }),
    alternatives: [{ label: name, monthly: Big(1), note: name }],
    warnings: [name],
  };
};

describe("names cannot", () => {
  const shape = (markdown: string) => markdown.split("\n").map((text) => text.replaceAll(/[^|]/g, ""));
  const special = fc.stringMatching(/^[-`|@#<>&*_~[\]{}()\\!$:\n\r\t a1/]{1,30}$/);
  const plainShape = shape(costMarkdown(named("x")));

  test("break a table, begin a line or mention somebody", () => {
    fc.assert(
      fc.property(fc.oneof(special, fc.string({ unit: "binary", maxLength: 30 })), (name) => {
        const markdown = costMarkdown(named(name));
        expect(shape(markdown)).toEqual(plainShape);
        const rest = markdown
          .replaceAll(/<\/?(sub|details|summary|br)>|&(nbsp|#\d+);/g, "")
          .replaceAll("**", "");
        expect(rest).not.toMatch(/[`\\<&*_~[\]{}]/);
        expect(markdown).not.toMatch(/@(?!&#8203;)|(?<![&\n#])#(?!&#8203;)(?!#)(?! )/);
      }),
    );
  });
});

test("a plan of any length stays short, and keeps what must be seen", () => {
  for (const name of ["d", "|".repeat(300)]) {
    const markdown = costMarkdown(named(name, 2000));
    expect(markdown.length).toBeLessThan(30_000);
    expect(markdown).toContain(
      "Monthly estimate increases by $2,000.00 (from $0.00 to $2,000.00), without what has no known price (2000 resources)",
    );
    expect(markdown).toContain("❌ **Budget:** No price is known for ");
    expect(markdown).toContain("and 1960 more");
    expect(markdown).toContain("and 3960 more");
    expect(markdown).toContain("The whole breakdown is too long for a comment");
  }
});
