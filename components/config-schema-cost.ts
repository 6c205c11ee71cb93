// What the keys of bill and budget may hold.
import Big from "big.js";
import { z } from "zod";
import { integer } from "./config-schema-parts.ts";

/** By key, without the `atlas:` prefix. */
export const costSchema = {
  monthlyBudget: z
    .string()
    .regex(/^$|^\d{1,9}(\.\d{1,2})?$/, "must be an amount of US dollars a month, such as 40 or 40.50")
    .transform((text) => (text === "" ? undefined : Big(text)))
    .prefault(""),
  warnAt: integer(1, 100).prefault("80"),
  priceBookMaxAge: integer(1, 3650).prefault("120"),
};
