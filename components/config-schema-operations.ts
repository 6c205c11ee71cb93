// What the keys of backups and alerts may hold.
import { z } from "zod";
import { entries, integer, jsonObject, scalarText } from "./config-schema-parts.ts";

const backupStorage = z.strictObject({
  endpoint: z.url(
    "must be the address of an S3-compatible storage, such as https://fra1.digitaloceanspaces.com",
  ),
  region: z.string("must name a region, such as fra1").min(1),
  bucket: z.string("must name a bucket").min(1),
  prefix: z
    .string()
    .regex(/^$|\/$/, "must end with a slash")
    .default(""),
  accessKeyId: z.string("must be set").min(1),
  secretAccessKey: z.string("must be set with --secret").min(1),
});

const kept = { daily: 7, weekly: 4, monthly: 12 };

/** By key, without the `atlas:` prefix. */
export const operationsSchema = {
  backupStorage: jsonObject(
    z.unknown().transform((value, context) => {
      if (typeof value === "object" && value !== null && Object.keys(value).length === 0) return undefined;
      const { data, error } = backupStorage.safeParse(value);
      for (const { path, message } of error?.issues ?? [])
        context.addIssue({ code: "custom", path, message });
      return data;
    }),
  ).prefault(""),
  backupKey: z
    .union([
      z.literal(""),
      z
        .string()
        .regex(
          /^AGE-SECRET-KEY-1[0-9A-Z]{58}$/,
          "is no age identity: the stack that made the backups has it in its output backupKey",
        ),
    ])
    .transform((text) => text || undefined)
    .prefault(""),
  keepBackups: entries(["daily", "weekly", "monthly"], scalarText.pipe(integer(0, 1000)))
    .transform((given) => ({ ...kept, ...given }))
    .prefault(""),
  alertWebhook: z
    .union([z.literal(""), z.url({ protocol: /^https?$/ })], "must be a URL that takes alerts by POST")
    .prefault(""),
};
