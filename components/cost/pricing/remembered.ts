import type { PriceBook } from "../price-book.ts";

/** Computes once for each key and book: plans repeat themselves, and exact decimals are slow. */
export function remembered<T extends object>(
  compute: (key: string, book: PriceBook) => T,
): (key: string, book: PriceBook) => T {
  const books = new WeakMap<PriceBook, Map<string, T>>();
  return (key, book) => {
    const known = books.get(book) ?? new Map<string, T>();
    books.set(book, known);
    const value = known.get(key) ?? compute(key, book);
    known.set(key, value);
    return value;
  };
}
