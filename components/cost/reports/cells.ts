// Rows and cells of the reports' tables, as text. Nothing here is escaped.
import Big from "big.js";
import type { Change, Pair } from "../compare.ts";
import type { Line, PricedResource } from "../estimate.ts";
import { change, money } from "../money.ts";

export interface Row {
  label: string;
  /** One for each of the sheet's columns. */
  amounts: string[];
  /** What was assumed, or what to do. */
  notes: string[];
  /** A position of the row above. */
  part: boolean;
}

export interface Sheet {
  /** Headings of the amounts. */
  columns: string[];
  rows: Row[];
}

/** What the cells depend on besides the figure. */
export interface View {
  currency: string;
  /** With the amount before, and the difference. */
  compared: boolean;
}

export const notKnown = "not known";

export const columns = ({ compared }: View): string[] =>
  compared ? ["Before", "After", "Difference"] : ["Monthly"];

/** The cells of a row under those columns. */
export const cells = ({ compared }: View, before: string, after: string, difference: string): string[] =>
  compared ? [before, after, difference] : [after];

export const row = (label: string, amounts: string[]): Row => ({ label, amounts, notes: [], part: false });

export function lineRow({ before, after, subject }: Pair<Line>, view: View): Row {
  const amount = (line: Line | undefined) => (line ? lineAmount(line, view) : "-");
  const unsure = [before, after].some((line) => line && line.monthly === undefined);
  const difference = (after?.monthly ?? Big(0)).minus(before?.monthly ?? 0);
  return {
    label: labelOf(subject, view),
    amounts: cells(
      view,
      amount(before),
      amount(after),
      unsure ? notKnown : change(difference, view.currency),
    ),
    notes: subject.note === undefined ? [] : [plain(subject.note)],
    part: true,
  };
}

/** With the count and the price of one, where there are several. */
export function labelOf({ label, quantity, price, unit }: Line, { currency }: View): string {
  if (price === undefined || quantity?.eq(1)) return plain(label);
  const each = rate(price, currency, 10);
  return plain(
    quantity === undefined
      ? `${label}, ${each} per ${unit}`
      : `${label}, ${quantity.toFixed()} ${unit} x ${each}`,
  );
}

function lineAmount({ monthly, quantity, usageBased }: Line, { currency }: View): string {
  if (monthly !== undefined) return money(monthly, currency);
  return usageBased && quantity === undefined ? "depends on use" : "price not known";
}

export function resourceRow({ before, after, subject, difference }: Change, view: View): Row {
  const amount = (one: PricedResource | undefined) => (one ? resourceAmount(one, view) : "-");
  const changed = difference ? change(difference, view.currency) : notKnown;
  return row(called(subject), cells(view, amount(before), amount(after), changed));
}

function resourceAmount({ monthly, unknown }: PricedResource, { currency }: View): string {
  if (!unknown) return money(monthly, currency);
  return monthly.eq(0) ? "price not known" : `at least ${money(monthly, currency)}`;
}

export const isBaseline = ({ subject }: Pair<Line>): boolean => !subject.usageBased;

/** `atlas (Droplet)`. */
export const called = ({ type, name }: PricedResource): string => `${plain(name)} (${typeName(type)})`;

export const typeName = (type: string): string => plain(type.slice(type.lastIndexOf(":") + 1));

export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** Small units need more than cents: an hour five decimals, as DigitalOcean gives it. */
export function rate(amount: Big, currency: string, decimals = 5): string {
  const rounded = amount.round(decimals, Big.roundHalfUp);
  const figure = rounded.abs().toFixed();
  if (!/\.\d{3}/.test(figure)) return money(rounded, currency);
  const sign = rounded.lt(0) ? "-" : "";
  return currency === "USD" ? `${sign}$${figure}` : `${sign}${figure} ${currency}`;
}

/** One line without anything invisible: names come from programs, and may hold what steers a terminal. */
export const plain = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\s\p{C}\p{Z}]+/gu, " ")
    .trim();
