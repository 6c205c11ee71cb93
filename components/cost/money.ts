// Money as people read it. Amounts are exact decimals until here.
import Big from "big.js";

/** `1234.5` as `$1,234.50`; other currencies by their code. */
export function money(amount: Big, currency = "USD"): string {
  const [whole = "", cents] = amount.abs().toFixed(2, Big.roundHalfUp).split(".");
  const text = `${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${cents}`;
  const sign = amount.lt(0) && !/^[0.,]+$/.test(text) ? "-" : "";
  return currency === "USD" ? `${sign}$${text}` : `${sign}${text} ${currency}`;
}

/** With its sign: `+$24.00`, `-$3.00`, `$0.00`. */
export const change = (amount: Big, currency = "USD"): string =>
  `${amount.gt(0) && !amount.round(2, Big.roundHalfUp).eq(0) ? "+" : ""}${money(amount, currency)}`;
