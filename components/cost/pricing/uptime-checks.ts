import Big from "big.js";
import { line, type Product } from "./line.ts";

/** An account's first ones are free, which here are the first by name. */
export const uptimeChecks: Product = (checks, { book }) =>
  checks.map((_, index) => {
    const { price, free, ...read } = book.uptimeCheck;
    return [
      line(book, {
        label: "Uptime check",
        unit: "check",
        price: { price: index < free ? Big(0) : price, ...read },
      }),
    ];
  });
