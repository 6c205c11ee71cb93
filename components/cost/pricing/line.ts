// Positions of a bill out of the book's figures.
import Big from "big.js";
import type { Line } from "../estimate.ts";
import { type PriceBook, sourceOf } from "../price-book.ts";
import type { PlannedResource } from "../resource.ts";
import type { Quantities } from "../usage.ts";
import { type Fault, isFault } from "./inputs.ts";
import { remembered } from "./remembered.ts";

/** What the price of a resource may depend on besides itself. */
export interface Context {
  book: PriceBook;
  usageOf: (resource: PlannedResource) => Quantities;
  /** The plan's resources of these types. */
  all: (...types: string[]) => PlannedResource[];
}

/** Prices the resources of one type, given by name, since they may share what only the first of them pays. */
export type Product = (resources: PlannedResource[], context: Context) => Line[][];

/** A product whose resources have nothing to do with each other. */
export const each =
  (rule: (resource: PlannedResource, context: Context) => Line[]): Product =>
  (resources, context) =>
    resources.map((resource) => rule(resource, context));

/** A unit's price, with where it was read. */
export interface Price {
  price: Big;
  /** Of an hour, where it is published. */
  hourly?: Big;
  source: string;
  seen: string;
  seenAgain?: string;
  note?: string;
}

export interface Position {
  label: string;
  unit: string;
  /** @default 1 */
  quantity?: Big | Fault;
  price: Price | Fault;
  note?: string | undefined;
  hasMinimum?: boolean;
  uncapped?: boolean;
}

/** A position of the baseline; with a fault in its quantity or price its amount is not known. */
export function line(
  book: PriceBook,
  { label, unit, quantity: asked = one, price: figure, note, hasMinimum, uncapped }: Position,
): Line {
  const price = isFault(figure) ? undefined : figure;
  const quantity = isFault(asked) ? undefined : asked;
  const monthly = price && quantity?.times(price.price);
  const notes: string[] = [];
  if (isFault(asked)) notes.push(asked.fault);
  if (isFault(figure)) notes.push(figure.fault);
  else if (figure.note) notes.push(figure.note);
  if (note) notes.push(note);
  return {
    label,
    unit,
    quantity,
    price: price?.price,
    monthly,
    hourly: monthly && (price?.hourly ? quantity?.times(price.hourly) : perHour(book, monthly)),
    usageBased: false,
    source: price && sourceOf(book, price),
    ...(notes.length > 0 && { note: notes.join("; ") }),
    ...(hasMinimum && { hasMinimum }),
    ...(uncapped && { uncapped }),
  };
}

/** A position of which only the usage file knows the quantity. */
export const usageLine = (book: PriceBook, position: Position & { quantity: Big | undefined }): Line => ({
  ...line(book, { ...position, quantity: position.quantity ?? dependsOnUse }),
  usageBased: true,
});

const dependsOnUse: Fault = { fault: "depends on use" };

/** A resource whose price nobody knows. */
export const unpricedLine = (book: PriceBook, label: string, fault: string): Line =>
  line(book, { label, unit: "resource", price: { fault } });

/** Of what has no published price of an hour. */
export const perHour = (book: PriceBook, monthly: Big): Big => hourOf(monthly.toString(), book);

const hourOf = remembered((monthly, { capHours }) => Big(monthly).div(capHours).round(5, Big.roundHalfUp));

const one = Big(1);

/** What is left of an amount when the included part is taken off. */
export const above = (amount: Big, included: Big): Big =>
  amount.gt(included) ? amount.minus(included) : Big(0);
