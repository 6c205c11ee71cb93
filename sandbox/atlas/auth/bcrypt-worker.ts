/** Hashing takes a third of a second of pure computing; here it does not keep the other calls waiting. */
import { parentPort } from "node:worker_threads";
import bcrypt from "bcryptjs";

export const COST = 12;

/** `hash` given: compares; without one: hashes. */
export interface BcryptTask {
  id: number;
  password: string;
  hash: string | undefined;
}

export interface BcryptResult {
  id: number;
  result: string | boolean;
}

parentPort?.on("message", ({ id, password, hash }: BcryptTask) => {
  const result = hash === undefined ? bcrypt.hashSync(password, COST) : bcrypt.compareSync(password, hash);
  parentPort?.postMessage({ id, result } satisfies BcryptResult);
});
