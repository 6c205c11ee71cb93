// The cost section of a pull request's comment.
import type { Row, Sheet } from "./cells.ts";
import { type Content, contentOf } from "./content.ts";
import type { Report } from "./report.ts";

/** Of GitHub's 65,536 for a comment, so that a plan has room beside it. */
const mostCharacters = 30_000;
const mostRows = 40;

const marks = { within: "✅", warning: "⚠️", over: "❌", unknown: "❌" };

/**
 * A section of a comment, at most 30,000 characters: what is too long gives way, the total, the budget and the
 * number of what has no price never.
 * @throws {Error} where the estimates that it compares are in different currencies
 */
export function costMarkdown(report: Report): string {
  const content = contentOf(report);
  const open = opening(report, content);
  const details = folded(content);
  const whole = [...open, ...details, ...foot(content)].join("\n\n");
  const shown =
    whole.length <= mostCharacters
      ? whole
      : [
          ...open,
          "The whole breakdown is too long for a comment: see the job's artefacts, or run `scripts/cost`.",
          text(content.prices),
        ].join("\n\n");
  return `${shown}\n`;
}

/** What everybody has to see. */
function opening({ verdict }: Report, content: Content): string[] {
  const judged = content.verdict;
  return [
    `### Cost of ${cell(content.name)}`,
    `**${text(content.headline)}**`,
    ...content.warnings.map((warning) => `> ⚠️ ${text(warning)}`),
    ...(verdict && judged ? [`${marks[verdict.status]} **Budget:** ${text(judged.judgement)}`] : []),
    ...(judged?.advice === undefined ? [] : [text(judged.advice), ...list(judged.remedies)]),
    ...(content.unknown.length > 0
      ? ["❓ **Price not known**, and not in the total:", ...list(content.unknown)]
      : []),
    ...(content.changes && content.changes.rows.length > 0
      ? [table("Resource", shortened(content.changes))]
      : []),
    ...list(content.footprint.map(([term, value]) => `${term}: ${value}`)),
  ];
}

function folded({ breakdown, totals, free, usage, whatIf }: Content): string[] {
  return [
    ...details("Breakdown", [
      table("Resource", { ...breakdown, rows: [...breakdown.rows, ...totals] }),
      ...(free === undefined ? [] : [text(free)]),
    ]),
    ...(usage ? details("Usage, apart from the estimate", [table("Use", usage)]) : []),
    ...(whatIf ? details("What if", [table("Other choice", whatIf)]) : []),
  ];
}

const foot = ({ prices, sources }: Content): string[] => [
  `<sub>${text(prices)}${sources.length > 0 ? ` Sources: ${sources.map(({ url, seen }) => `${text(url)} (${text(seen)})`).join(", ")}` : ""}</sub>`,
];

const details = (title: string, parts: string[]): string[] => [
  `<details><summary>${title}</summary>`,
  ...parts,
  "</details>",
];

function shortened({ columns, rows }: Sheet): Sheet {
  if (rows.length <= mostRows) return { columns, rows };
  const more = {
    label: `and ${rows.length - mostRows} more`,
    amounts: columns.map(() => ""),
    notes: [],
    part: false,
  };
  return { columns, rows: [...rows.slice(0, mostRows), more] };
}

function list(items: string[]): string[] {
  if (items.length === 0) return [];
  const shown = items.slice(0, mostRows).map((item) => `- ${cell(item).replace(/^[-+=\d]/, reference)}`);
  return [
    [...shown, ...(items.length > mostRows ? [`- and ${items.length - mostRows} more`] : [])].join("\n"),
  ];
}

function table(first: string, { columns, rows }: Sheet): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [
    line([first, ...columns]),
    line(["---", ...columns.map(() => "---:")]),
    ...rows.map((row) => line([label(row), ...row.amounts.map(cell)])),
  ].join("\n");
}

const label = ({ label, notes, part }: Row): string =>
  [
    `${part ? "&nbsp;&nbsp;&nbsp;" : ""}${cell(label)}`,
    ...notes.map((note) => `<sub>${text(note)}</sub>`),
  ].join("<br>");

const reference = (character: string): string => `&#${character.charCodeAt(0)};`;

/** Short enough that forty of them fit, whatever they hold. */
const cell = (value: string): string => text(value, 240);

/**
 * Text that stays text: a character reference never counts as Markdown or HTML. GitHub looks for mentions and
 * issue numbers after resolving them, hence the zero-width space.
 * @param most characters of the result; what is longer ends in an ellipsis
 */
function text(value: string, most = 1000): string {
  let result = "";
  for (const character of value) {
    const safe = /[@#]/.test(character)
      ? `${character}&#8203;`
      : character.replace(/[\\`*_{}[\]<>|~&]/, reference);
    if (result.length + safe.length > most) return `${result}…`;
    result += safe;
  }
  return result;
}
