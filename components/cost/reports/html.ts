// The report as one page for whoever decides: it needs no script, no other file and no network.
import type { Row, Sheet } from "./cells.ts";
import { budgetBar, costChart } from "./chart.ts";
import { type Content, contentOf } from "./content.ts";
import { escapeMarkup } from "./markup.ts";
import type { Report } from "./report.ts";
import { style } from "./style.ts";

/**
 * @returns a document that is well-formed as XML too, without the doctype
 * @throws {Error} where the estimates that it compares are in different currencies
 */
export function htmlReport(report: Report): string {
  const content = contentOf(report);
  const { breakdown, changes, whatIf, usage } = content;
  return document(`Cost of ${content.name}`, [
    `<h1>Cost of ${escapeMarkup(content.name)}</h1>`,
    `<p class="headline">${escapeMarkup(content.headline)}</p>`,
    ...content.warnings.map((warning) => `<p class="alarm">${escapeMarkup(warning)}</p>`),
    figures(content),
    ...budget(report, content),
    ...(content.unknown.length > 0 ? [heading("What is not known"), unknown(content.unknown)] : []),
    ...facts(content.footprint),
    ...chart(report),
    ...(changes && changes.rows.length > 0 ? [heading("What changes"), table("Resource", changes)] : []),
    ...(breakdown.rows.length > 0
      ? [heading("Every position"), table("Resource", breakdown, content.totals)]
      : []),
    ...(content.free === undefined ? [] : [paragraph(content.free)]),
    ...(usage ? [heading("Usage, apart from the estimate"), table("Use", usage)] : []),
    ...(whatIf ? [heading("What if"), table("Other choice", whatIf)] : []),
    footer(content),
  ]);
}

const document = (title: string, body: string[]): string =>
  [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8"/>',
    '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
    // Whatever a name holds: the browser fetches and runs nothing.
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>`,
    `<title>${escapeMarkup(title)}</title>`,
    `<style>${style}</style>`,
    "</head>",
    "<body>",
    "<main>",
    ...body,
    "</main>",
    "</body>",
    "</html>",
    "",
  ].join("\n");

const heading = (text: string): string => `<h2>${escapeMarkup(text)}</h2>`;
const paragraph = (text: string): string => `<p>${escapeMarkup(text)}</p>`;

function figures({ totals: [month, hour], changes }: Content): string {
  const [now, difference] = changes ? month.amounts.slice(1) : month.amounts;
  const shown: [string, string | undefined][] = [
    ["A month", now],
    ["Change a month", difference],
    ["An hour", hour.amounts[changes ? 1 : 0]],
  ];
  const items = shown.flatMap(([term, value]) =>
    value === undefined ? [] : [`<div><dt>${term}</dt><dd>${escapeMarkup(value)}</dd></div>`],
  );
  return ['<dl class="figures">', ...items, "</dl>"].join("\n");
}

function budget({ verdict, estimate }: Report, { verdict: judged }: Content): string[] {
  if (!verdict || !judged) return [];
  const bad = verdict.status === "over" || verdict.status === "unknown";
  return [
    heading("Budget"),
    budgetBar(verdict, estimate),
    `<p${bad ? ' class="alarm"' : ""}>${escapeMarkup(judged.judgement)}</p>`,
    ...(judged.advice === undefined ? [] : [paragraph(judged.advice)]),
    ...list(judged.remedies),
  ];
}

const unknown = (reasons: string[]): string =>
  [
    '<div class="alarm">',
    paragraph("These have no known price, so the true figure is higher than the one above:"),
    ...list(reasons),
    "</div>",
  ].join("\n");

function facts(footprint: Content["footprint"]): string[] {
  if (footprint.length === 0) return [];
  const items = footprint.map(
    ([term, value]) => `<dt>${escapeMarkup(term)}</dt><dd>${escapeMarkup(value)}</dd>`,
  );
  return [heading("On this machine"), ['<dl class="facts">', ...items, "</dl>"].join("\n")];
}

function chart({ estimate }: Report): string[] {
  const drawn = costChart(estimate);
  return drawn === "" ? [] : [heading("What costs how much a month"), drawn];
}

function table(first: string, { columns, rows }: Sheet, totals: Row[] = []): string {
  return [
    "<table>",
    `<thead><tr>${[first, ...columns].map((title) => `<th scope="col">${escapeMarkup(title)}</th>`).join("")}</tr></thead>`,
    "<tbody>",
    ...rows.map(tableRow),
    "</tbody>",
    ...(totals.length > 0 ? ["<tfoot>", ...totals.map(tableRow), "</tfoot>"] : []),
    "</table>",
  ].join("\n");
}

function tableRow({ label, amounts, notes, part }: Row): string {
  const small = notes.map((note) => `<small>${escapeMarkup(note)}</small>`).join("");
  const figures = amounts.map((amount) => `<td>${escapeMarkup(amount)}</td>`).join("");
  return `<tr${part ? ' class="part"' : ""}><th scope="row">${escapeMarkup(label)}${small}</th>${figures}</tr>`;
}

const list = (items: string[]): string[] =>
  items.length === 0
    ? []
    : [["<ul>", ...items.map((item) => `<li>${escapeMarkup(item)}</li>`), "</ul>"].join("\n")];

function footer({ prices, sources }: Content): string {
  return [
    "<footer>",
    paragraph(prices),
    ...list(sources.map(({ url, seen }) => `${url}, seen ${seen}`)),
    "</footer>",
  ].join("\n");
}
