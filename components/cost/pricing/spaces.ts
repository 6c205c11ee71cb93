// Spaces: one subscription for all buckets of an account, which share what it includes.
import Big from "big.js";
import type { PriceBook } from "../price-book.ts";
import { above, line, type Price, type Product, usageLine } from "./line.ts";

type Read = Pick<Price, "source" | "seen">;

export const spacesBuckets: Product = (buckets, { book, usageOf }) => {
  const usages = buckets.map(usageOf);
  const { spaces, spacesColdStorage: cold } = book;
  const storage = aboveShared(
    usages.map((usage) => usage.storage_gib),
    spaces.includedStorageGiB,
  );
  const outbound = aboveShared(
    usages.map((usage) => usage.outbound_gib),
    spaces.includedOutboundGiB,
  );
  return buckets.map((_, index) => {
    const usage = usages[index] ?? {};
    const gib = (label: string, quantity: Big | undefined, price: Big, { source, seen }: Read = spaces) =>
      usageLine(book, { label, unit: "GiB", quantity, price: { price, source, seen } });
    return [
      subscription(book, index === 0 ? undefined : buckets[0]?.name),
      gib(`Storage above ${spaces.includedStorageGiB}`, storage[index], spaces.storageGiB),
      gib(`Outbound transfer above ${spaces.includedOutboundGiB}`, outbound[index], spaces.outboundGiB),
      ...(usage.cold_storage_gib ? [gib("Cold storage", usage.cold_storage_gib, cold.storageGiB, cold)] : []),
      ...(usage.cold_retrieval_gib
        ? [gib("Cold retrieval", usage.cold_retrieval_gib, cold.retrievalGiB, cold)]
        : []),
    ];
  });
};

/** @param payer the bucket that it is billed with, if that is another one */
const subscription = (book: PriceBook, payer?: string) => {
  const { subscription: price, source, seen } = book.spaces;
  return line(book, {
    label: "Spaces subscription",
    unit: "account",
    price: payer === undefined ? { price, source, seen } : { price: Big(0), source, seen },
    note: payer === undefined ? "one for all buckets of the account" : `the account's one is with ${payer}`,
  });
};

/** What each uses of what is included for all together: the first ones use it up. */
function aboveShared(used: (Big | undefined)[], included: Big): (Big | undefined)[] {
  let left = included;
  return used.map((amount) => {
    if (!amount) return undefined;
    const extra = above(amount, left);
    left = above(left, amount);
    return extra;
  });
}
