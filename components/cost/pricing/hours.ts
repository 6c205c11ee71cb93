// What a part of a month costs, by DigitalOcean's billing rule: never hours of the month times the hourly price.
import Big from "big.js";
import type { Line, PricedResource } from "../estimate.ts";
import type { PriceBook } from "../price-book.ts";

/**
 * What so many hours of a month cost: by the hour up to the monthly price, a droplet at least its minimum, a droplet sold by
 * the piece without a bound. Of a resource, its baseline is meant. Undefined where the price is not known.
 * @throws RangeError for less than no time
 */
export function forHours(of: Line | PricedResource, hours: Big | number, book: PriceBook): Big | undefined {
  const time = Big(hours);
  if (time.lt(0)) throw new RangeError(`Nothing exists for ${time} hours.`);
  if (!("lines" in of)) return lineForHours(of, time, book);
  const amounts = of.lines
    .filter(({ usageBased }) => !usageBased)
    .map((line) => lineForHours(line, time, book));
  return amounts.reduce((total, amount) => amount && total?.plus(amount), Big(0));
}

function lineForHours(line: Line, hours: Big, { billing }: PriceBook): Big | undefined {
  const { monthly, hourly, quantity } = line;
  if (!monthly || !hourly || !quantity) return undefined;
  if (hours.eq(0)) return Big(0);
  const billed = line.hasMinimum ? most(hours, Big(billing.minimumSeconds).div(3600)) : hours;
  const byTime = hourly.times(billed);
  const charged = line.hasMinimum ? most(byTime, billing.minimumCharge.times(quantity)) : byTime;
  return line.uncapped ? charged : least(monthly, charged);
}

const least = (a: Big, b: Big) => (a.lt(b) ? a : b);
const most = (a: Big, b: Big) => (a.gt(b) ? a : b);
