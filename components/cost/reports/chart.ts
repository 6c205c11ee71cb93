// Charts as inline SVG: drawn here, since the page must need neither a script nor another file.
import Big from "big.js";
import type { Verdict } from "../budget.ts";
import { type Estimate, sum } from "../estimate.ts";
import { money } from "../money.ts";
import { called, counted, plain } from "./cells.ts";
import { escapeMarkup } from "./markup.ts";

interface Bar {
  label: string;
  amount: Big;
}

const width = 720;
const most = 12;

/** A bar for each position of the bill, the dearest first; empty where nothing costs anything. */
export function costChart(estimate: Estimate): string {
  const bars = barsOf(estimate);
  const [dearest] = bars;
  if (!dearest) return "";
  const lineHeight = 30;
  const left = 300;
  const scale = (amount: Big) => pixels(amount, dearest.amount, width - left - 100);
  const drawn = bars.map(({ label, amount }, index) => {
    const y = index * lineHeight;
    const end = left + scale(amount);
    return [
      `<text x="${left - 10}" y="${y + 19}" text-anchor="end">${escapeMarkup(shortened(label))}</text>`,
      `<rect x="${left}" y="${y + 4}" width="${scale(amount)}" height="20" rx="3" fill="${colours.bar}"/>`,
      `<text x="${end + 8}" y="${y + 19}">${escapeMarkup(money(amount, estimate.currency))}</text>`,
    ].join("");
  });
  const largest = `The largest of ${counted(bars.length, "bar")} is ${dearest.label} with ${money(dearest.amount, estimate.currency)}.`;
  return svg("cost-chart", "What costs how much a month", largest, bars.length * lineHeight, drawn);
}

function barsOf(estimate: Estimate): Bar[] {
  const all = estimate.resources
    .flatMap((resource) =>
      resource.lines
        .filter(({ usageBased }) => !usageBased)
        .map(({ label, monthly = Big(0) }) => ({
          label: `${called(resource)}: ${plain(label)}`,
          amount: monthly,
        })),
    )
    .filter(({ amount }) => amount.gt(0))
    .toSorted((a, b) => b.amount.cmp(a.amount));
  if (all.length <= most) return all;
  const rest = all.slice(most - 1);
  const others = { label: `${rest.length} smaller ones`, amount: sum(rest.map(({ amount }) => amount)) };
  return [...all.slice(0, most - 1), others].toSorted((a, b) => b.amount.cmp(a.amount));
}

/** The budget as a frame, what the estimate takes of it, and in red what goes beyond. */
export function budgetBar({ budget }: Verdict, { monthly, currency }: Estimate): string {
  const over = monthly.gt(budget.monthly);
  const whole = over ? monthly : budget.monthly;
  const warnAt = budget.monthly.times(budget.warnAt).div(100);
  const x = (amount: Big) => pixels(amount, whole, width - 2) + 1;
  const part = (from: Big, to: Big, colour: string) =>
    `<rect x="${x(from)}" y="22" width="${pixels(to.minus(from), whole, width - 2)}" height="24" fill="${colour}"/>`;
  const mark = (at: Big, label: string, y: number, dashes: string) => {
    const [anchor, gap] = x(at) > 200 ? ["end", -4] : ["start", 4];
    return [
      `<line x1="${x(at)}" y1="${y < 22 ? 0 : 22}" x2="${x(at)}" y2="${y < 22 ? 46 : 68}" stroke="currentColor"${dashes}/>`,
      `<text x="${x(at) + gap}" y="${y}" text-anchor="${anchor}">${escapeMarkup(`${label} ${money(at, currency)}`)}</text>`,
    ].join("");
  };
  const text = `${money(monthly, currency)} of ${money(budget.monthly, currency)}.`;
  return svg("budget-bar", "Estimate against budget", text, 70, [
    part(Big(0), over ? budget.monthly : monthly, colours.bar),
    ...(over ? [part(budget.monthly, monthly, colours.over)] : []),
    `<rect x="1" y="22" width="${width - 2}" height="24" fill="none" stroke="currentColor"/>`,
    mark(warnAt, "warning from", 14, ' stroke-dasharray="3 3"'),
    mark(budget.monthly, "budget", 64, ' stroke-width="2"'),
  ]);
}

/** Enough contrast on white and on black. */
const colours = { bar: "#3b7dd8", over: "#d64545" };

const svg = (id: string, title: string, description: string, height: number, drawn: string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc" font-family="system-ui, sans-serif" font-size="14" fill="currentColor">`,
    `<title id="${id}-title">${escapeMarkup(title)}</title>`,
    `<desc id="${id}-desc">${escapeMarkup(description)}</desc>`,
    ...drawn,
    "</svg>",
  ].join("\n");

/** Only here do amounts become approximate: as a length. */
const pixels = (part: Big, whole: Big, length: number): number =>
  whole.eq(0) ? 0 : part.times(length).div(whole).round(1).toNumber();

const shortened = (label: string): string =>
  label.length > 42 ? `${label.slice(0, 41).toWellFormed()}…` : label;
