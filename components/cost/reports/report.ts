// What a report shows, whatever its format.
import type { Alternative } from "../alternatives.ts";
import type { Verdict } from "../budget.ts";
import type { Estimate } from "../estimate.ts";
import type { Footprint } from "../footprint.ts";

export interface Report {
  /** Of the stack, the file or the specification. */
  name: string;
  estimate: Estimate;
  /** What it is compared with, and how that is called: "main", "now deployed". */
  past?: { name: string; estimate: Estimate };
  verdict?: Verdict;
  alternatives: Alternative[];
  /** Where all runs on this machine and no bill comes. */
  footprint?: Footprint;
  /** What the reader has to know of the figures, such as a price book that is old. */
  warnings?: string[];
}
