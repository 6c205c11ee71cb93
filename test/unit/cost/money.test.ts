import Big from "big.js";
import { expect, test } from "vitest";
import { change, money } from "../../../components/cost/money.ts";

test.each([
  ["0", "$0.00", "$0.00"],
  ["30.8", "$30.80", "+$30.80"],
  ["-7.2", "-$7.20", "-$7.20"],
  ["0.005", "$0.01", "+$0.01"],
  ["0.0049", "$0.00", "$0.00"],
  ["-0.0049", "$0.00", "$0.00"],
  ["1234567.891", "$1,234,567.89", "+$1,234,567.89"],
  ["999.995", "$1,000.00", "+$1,000.00"],
  ["100000", "$100,000.00", "+$100,000.00"],
])("%s is %s, and as a change %s", (amount, text, signed) => {
  expect([money(Big(amount)), change(Big(amount))]).toEqual([text, signed]);
});

test("another currency goes by its code", () => {
  expect(money(Big("-5"), "EUR")).toBe("-5.00 EUR");
});

test("sums are exact where floats are not", () => {
  expect(money(Big("0.1").plus("0.2").times(1e15))).toBe("$300,000,000,000,000.00");
});
