import Big from "big.js";
import { describe, expect, test } from "vitest";
import { judge } from "../../../../components/cost/budget.ts";
import { htmlReport } from "../../../../components/cost/reports/html.ts";
import type { Report } from "../../../../components/cost/reports/report.ts";
import { estimated, line, priced } from "./estimates.ts";
import { type Element, parseMarkup, within } from "./markup.ts";
import { scenarios } from "./scenarios.ts";

const page = (report: Report) => within(parseMarkup(htmlReport(report)));
const named = (elements: Element[], name: string) => elements.filter((element) => element.name === name);
const reportOf = (amounts: string[], budget?: string): Report => {
  const estimate = estimated(
    amounts.map((amount, index) => priced("Droplet", `d${index}`, [line("Droplet", amount)])),
  );
  return {
    name: "prod",
    estimate,
    alternatives: [],
    ...(budget !== undefined && { verdict: judge(estimate, { monthly: Big(budget), warnAt: 80 }) }),
  };
};

describe.each(Object.entries(scenarios))("%s", (_, report) => {
  test("is well-formed, loads nothing and runs nothing", () => {
    const elements = page(report);
    const used = new Set(elements.map(({ name }) => name));
    for (const name of ["script", "link", "img", "iframe", "a", "object", "form"])
      expect(used).not.toContain(name);
    for (const { attributes } of elements)
      for (const [key, value] of attributes) {
        expect(key).not.toMatch(/^(on|src|href|style)/);
        if (key !== "xmlns") expect(value).not.toMatch(/https?:/);
      }
    expect(named(elements, "style").map(({ text }) => /url\(|@import/.test(text))).toEqual([false]);
  });

  test("names every picture for those who cannot see it", () => {
    const elements = page(report);
    for (const svg of named(elements, "svg")) {
      const [title, description] = ["title", "desc"].map((name) => named(svg.children, name)[0]);
      expect(svg.attributes.get("aria-labelledby")).toBe(
        `${title?.attributes.get("id")} ${description?.attributes.get("id")}`,
      );
      expect(title?.text).not.toBe("");
      expect(description?.text).not.toBe("");
    }
    const ids = elements.flatMap(({ attributes }) => attributes.get("id") ?? []);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("has as many cells in each row as its table has columns", () => {
    for (const table of named(page(report), "table")) {
      const [head = [], ...rows] = named(within(table), "tr").map(({ children }) => children);
      expect(new Set(rows.map(({ length }) => length))).toEqual(new Set([head.length]));
    }
  });
});

describe("the chart", () => {
  const bars = (report: Report) =>
    named(page(report), "rect").map(({ attributes }) => Number(attributes.get("width")));

  test("draws each amount to scale", () => {
    const [largest = 0, ...others] = bars(reportOf(["40", "20", "10"]));
    expect(others).toEqual([largest / 2, largest / 4]);
  });

  test("draws the dearest, and the rest as one", () => {
    const report = reportOf(Array.from({ length: 40 }, (_, index) => `${100 - index}`));
    const texts = named(page(report), "text").map(({ text }) => text);
    expect(texts).toHaveLength(24);
    expect(texts[0]).toBe("29 smaller ones");
    expect(texts.slice(2, 4)).toEqual(["d0 (Droplet): Droplet", "$100.00"]);
  });

  test("is left out where nothing costs anything", () => {
    expect(named(page(reportOf(["0"])), "svg")).toEqual([]);
  });

  test("of the budget ends where the budget does, also with a budget of nothing", () => {
    expect(bars(reportOf(["25"], "100"))[0]).toBe(179.5);
    expect(bars(reportOf(["200"], "100")).slice(0, 2)).toEqual([359, 359]);
    expect(bars(reportOf(["0"], "0"))[0]).toBe(0);
  });
});

test("a name stays text", () => {
  const hostile = scenarios.hostile;
  const heading = hostile && named(page(hostile), "h1")[0]?.text;
  expect(heading).toBe(
    "Cost of `a|b` # @octocat #1 <img src=x onerror=alert(1)> </details> ]]> &amp; [31m \ufffd **x** [y](z)",
  );
});
