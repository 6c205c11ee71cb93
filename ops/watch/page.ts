// The condition as one page: no script, no other file, no network; the browser itself loads it again.
import { escapeMarkup } from "../../components/cost/reports/markup.ts";
import { oneLine } from "../log.ts";
import { durationText, percentText, timeText } from "../words.ts";
import type { Condition, Part, PartKind, Verdict } from "./condition.ts";
import { style } from "./page-style.ts";
import { summary, type Table, tables } from "./report.ts";

const refreshSeconds = 30;

const words: Record<Verdict, string> = { ok: "OK", warning: "Warning", bad: "Bad" };

/** Everything that a part can be, so that none is forgotten on the page. */
const groups: { title: string; kinds: PartKind[] }[] = [
  { title: "Services", kinds: ["docker", "container", "atlas", "smoke"] },
  { title: "Backups", kinds: ["backup", "remote", "drill"] },
  { title: "Machine", kinds: ["disk", "certificate", "database", "objects"] },
  { title: "Watch", kinds: ["channel", "records"] },
];

/** @returns a document that is well-formed as XML too, without the doctype */
export function statusPage(condition: Condition): string {
  const { name, publicUrl, verdict, parts, observation } = condition;
  const title = `${name}: ${summary(condition)}`;
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8"/>',
    '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
    `<meta http-equiv="refresh" content="${refreshSeconds}"/>`,
    `<title>${markup(title)}</title>`,
    `<style>${style}</style>`,
    "</head>",
    "<body>",
    `<header class="${verdict}">`,
    `<h1>${markup(name)}</h1>`,
    `<p class="summary">${markup(capitalised(summary(condition)))}</p>`,
    `<p><a href="${markup(publicUrl)}">${markup(publicUrl)}</a></p>`,
    "</header>",
    "<main>",
    ...groups.flatMap(({ title, kinds }) => group(title, inOrder(parts, kinds))),
    ...tables(condition).map(tableMarkup),
    "</main>",
    "<footer>",
    `<p>Looked at ${timeText(observation.time)} in ${durationText(observation.seconds * 1000)}; this page loads itself again every ${refreshSeconds} s.</p>`,
    '<p><a href="/metrics">metrics</a> <a href="/ready">ready</a> <a href="/health">health</a></p>',
    "</footer>",
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

const markup = (text: string): string => escapeMarkup(oneLine(text).toWellFormed());
const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const inOrder = (parts: Part[], kinds: PartKind[]): Part[] =>
  kinds.flatMap((kind) => parts.filter((part) => part.kind === kind));

function group(title: string, parts: Part[]): string[] {
  if (parts.length === 0) return [];
  return ["<section>", `<h2>${title}</h2>`, '<ul class="parts">', ...parts.map(card), "</ul>", "</section>"];
}

function card({ title, verdict, why, next, used }: Part): string {
  const bar =
    used === undefined
      ? ""
      : `<span class="bar" role="img" aria-label="${percentText(used)} used"><span style="width:${Math.min(100, used * 100).toFixed(1)}%"></span></span>`;
  return [
    `<li class="${verdict}">`,
    `<h3>${markup(capitalised(title))} <span class="verdict">${words[verdict]}</span></h3>`,
    `<p>${markup(why)}</p>`,
    bar,
    ...(next === undefined ? [] : [`<p class="next">Next: <code>${markup(next)}</code></p>`]),
    "</li>",
  ].join("");
}

function tableMarkup({ title, columns, rows }: Table): string {
  const head = columns.map((column) => `<th scope="col">${markup(column)}</th>`).join("");
  return [
    "<section>",
    `<h2>${markup(title)}</h2>`,
    '<div class="scroll"><table>',
    `<thead><tr>${head}</tr></thead>`,
    "<tbody>",
    ...rows.map(rowMarkup),
    "</tbody>",
    "</table></div>",
    "</section>",
  ].join("\n");
}

const rowMarkup = (row: string[]): string =>
  `<tr${row.includes("failed") ? ' class="bad"' : ""}>${row.map((cell) => `<td>${markup(cell)}</td>`).join("")}</tr>`;
