import { readCount } from "./inputs.ts";
import { each, line, usageLine } from "./line.ts";

export const volumes = each(({ inputs }, { book }) => [
  line(book, { label: "Volume", unit: "GiB", quantity: readCount(inputs, "size"), price: book.volumeGiB }),
]);

/** Of droplets and of volumes: what is billed is the stored data, which no plan knows. */
export const snapshots = each((resource, { book, usageOf }) => [
  usageLine(book, {
    label: "Snapshot",
    unit: "GiB",
    quantity: usageOf(resource).snapshot_gib,
    price: book.snapshotGiB,
  }),
]);
