import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  ageInDays,
  type PriceBookFile,
  parsePriceBook,
  priceBook,
  priceBookFile,
} from "../../../../components/cost/price-book.ts";

const file = (): PriceBookFile => JSON.parse(readFileSync(priceBookFile, "utf8"));

test("the book is read once", () => {
  expect(priceBook()).toBe(priceBook());
});

test("every bundled droplet's published hour is its month over 672, to five digits", () => {
  const { droplets, capHours } = priceBook();
  expect(Object.keys(droplets)).toHaveLength(138);
  for (const { monthly, hourly } of Object.values(droplets))
    expect(String(hourly)).toBe(String(monthly.div(capHours).round(5)));
});

test("a size tells its family and CPU", () => {
  const { droplets } = priceBook();
  const nature = (slug: string) => [droplets[slug]?.family, droplets[slug]?.cpu];
  expect(nature("s-2vcpu-4gb")).toEqual(["s", "regular"]);
  expect(nature("s-2vcpu-4gb-120gb-intel")).toEqual(["s", "intel"]);
  expect(nature("s-2vcpu-8gb-amd")).toEqual(["s", "amd"]);
  expect(nature("so1_5-2vcpu-16gb")).toEqual(["so1_5", "regular"]);
  expect(nature("c-4")).toEqual(["c", "regular"]);
});

test.each([
  ["2026-10-09T00:00:00Z", 0],
  ["2026-10-09T23:59:59Z", 0],
  ["2026-10-10T00:00:00Z", 1],
  ["2027-10-09T12:00:00Z", 365],
])("on %s the prices of 2026-10-09 are %d days old", (now, days) => {
  expect(ageInDays({ asOf: "2026-10-09" }, new Date(now))).toBe(days);
});

describe("no price book is one", () => {
  test("whose prices are floats, which has strange parts or lacks some: all faults at once", () => {
    const { volumeGiB, capHours: _, ...rest } = file();
    const parse = () => parsePriceBook({ ...rest, volumeGiB: { ...volumeGiB, price: 0.1 }, moon: 1 });
    expect(parse).toThrow(/volumeGiB\.price|moon/);
    expect(parse).toThrow(/capHours/);
  });

  test("whose figures have no source", () => {
    const { volumeGiB, ...rest } = file();
    expect(() => parsePriceBook({ ...rest, volumeGiB: { ...volumeGiB, source: "S99" } })).toThrow(
      "names sources that are not in its table: S99",
    );
  });

  test.each([undefined, null, [], {}])("like %j", (json) => {
    expect(() => parsePriceBook(json)).toThrow("is no price book");
  });
});
