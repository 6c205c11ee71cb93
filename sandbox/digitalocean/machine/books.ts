// What these machines are and how they hang together, kept in a file so that the next process continues.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { InboundRule } from "../machines.ts";

export interface Droplet {
  id: number;
  name: string;
  publicAddress: string;
  memoryMiB: number;
  vcpus: number;
  /** Whether it is meant to run: what was switched off, or switched itself off, stays off. */
  powered: boolean;
  rules?: InboundRule[] | undefined;
}

export interface Volume {
  id: string;
  name: string;
  dropletId?: number | undefined;
}

export interface Books {
  droplets: Record<number, Droplet>;
  volumes: Record<string, Volume>;
  /** Reserved address -> droplet. */
  reserved: Record<string, number>;
}

export function openBooks(folder: string): { books: Books; save: () => void } {
  const file = path.join(folder, "books.json");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const books: Books = existsSync(file)
    ? JSON.parse(readFileSync(file, "utf8"))
    : { droplets: {}, volumes: {}, reserved: {} };
  // Renamed into place: a process that is killed leaves the old file or the new one.
  const save = () => {
    writeFileSync(`${file}.new`, JSON.stringify(books, null, 2), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  return { books, save };
}
