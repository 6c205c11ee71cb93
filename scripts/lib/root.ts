import path from "node:path";

/** The checkout. */
export const root = path.resolve(import.meta.dirname, "../..");
/** State, passphrase and working files of this checkout (git-ignored). */
export const localFolder = path.join(root, ".atlas");
