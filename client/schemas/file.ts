import { z } from "zod";
import { COLUMN, plainOrNullOut, recordOut } from "./fields.ts";
import { wordIn } from "./founding-words.ts";
import { pageOut, pagingIn } from "./page.ts";

const TYPES = ["IMAGE", "OTHER"] as const;

/** A file as Atlas gives it. Names of files are not sanitised: they do not come in JSON. */
export const fileOut = z.looseObject({
  ...recordOut,
  name: z.string(),
  /** Where to get the content for three hours, signed. */
  url: plainOrNullOut,
  type: z.string().nullable().default(null),
  hidden: z.boolean().default(false),
});
export type File = z.output<typeof fileOut>;
/** What an upload is answered with: a list of one. */
export const uploadedOut = z.array(fileOut);
export const filePageOut = pageOut(fileOut);

/** Atlas takes 35 MB a file. */
const MAX_BYTES = 35 * 1024 * 1024;

export const fileUploadIn = z.strictObject({
  name: z.string("must be text").min(1, "must not be empty").max(COLUMN),
  content: z
    .instanceof(Uint8Array, { error: "must be a Uint8Array (a Buffer is one)" })
    .refine(({ byteLength }) => byteLength > 0, "must not be empty")
    .refine(({ byteLength }) => byteLength <= MAX_BYTES, "must have at most 35 MB"),
  /** @default "application/octet-stream" */
  contentType: z
    .string()
    .regex(/^[\w.+-]+\/[\w.+-]+$/, "must be a media type such as image/png")
    .default("application/octet-stream"),
  /** @default IMAGE for an image's content type, else OTHER */
  type: wordIn(TYPES).optional(),
  /** Kept out of lists of files. @default false */
  hidden: z.boolean().default(false),
});
export type FileUpload = z.input<typeof fileUploadIn>;

export const fileQueryIn = z.strictObject({
  /** Found in the name; `%` and `_` are wild cards. */
  text: z.string().min(1, "must not be empty").optional(),
  ...pagingIn,
});
export type FileQuery = z.input<typeof fileQueryIn>;
