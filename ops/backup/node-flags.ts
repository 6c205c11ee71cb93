/**
 * For whoever starts Node.js to make or copy a set. What passes through is garbage at once: by default up to 70 MiB of it
 * are collected late, with a small young generation less than half of that, in the same time.
 */
export const nodeFlags = ["--max-semi-space-size=1"];
