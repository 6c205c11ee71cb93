import { z } from "zod";

/**
 * Words of the founding documents that the API does not have, and what each means there (atlas-api 12). They are taken
 * wherever an input takes the API's own word, in any case; what comes back is in the API's words.
 */
export const FOUNDING_WORDS = {
  /** Atlas has nothing above HIGH. */
  priority: { CRITICAL: "HIGH", URGENT: "HIGH" },
  status: { PENDING: "OPEN", COMPLETED: "COMPLETE" },
  /** Fields that hold a reference; each takes an id or an object with an id, as the API's own field does. */
  field: { assetId: "asset", locationId: "location", teamId: "team", categoryId: "category" },
} as const;

/** Words that people expect and that have no meaning in Atlas, each with what to do instead. */
export const WORDS_WITHOUT_MEANING: Readonly<Record<string, string>> = {
  CANCELLED: "Atlas cannot cancel a work order: delete it, or complete it with feedback that says so",
};

/** A word of the API in capitals or small letters; others of the same meaning are replaced by it. */
export function wordIn<const Word extends string, const Other extends string = never>(
  words: readonly Word[],
  others?: Readonly<Record<Other, Word>>,
) {
  type Known = Word | Other;
  const meanings = new Map<string, Word>([
    ...words.map((word): [string, Word] => [word, word]),
    ...Object.entries<Word>(others ?? {}),
  ]);
  return z.custom<Known | Lowercase<Known>>().transform((given: unknown, context): Word => {
    const word = typeof given === "string" ? given.toUpperCase() : "";
    const meaning = meanings.get(word);
    if (meaning !== undefined) return meaning;
    const instead = WORDS_WITHOUT_MEANING[word];
    const message = `must be one of ${[...meanings.keys()].join(", ")}${instead === undefined ? "" : ` (${instead})`}`;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });
}

type FieldWords = (typeof FOUNDING_WORDS)["field"];

/** An input with the founding documents' fields beside those of the API that they stand for. */
export type WithFoundingFields<T> = T & {
  readonly [Word in keyof FieldWords as FieldWords[Word] extends keyof T
    ? Word
    : never]?: FieldWords[Word] extends keyof T ? T[FieldWords[Word]] : never;
};

/** The schema, which then also takes the founding documents' fields. A field under both its names is a fault. */
export function withFoundingFields<S extends z.ZodObject>(schema: S) {
  return z
    .custom<WithFoundingFields<z.input<S>>>()
    .transform((input: unknown, context) => inApiFields(input, schema, context))
    .pipe(schema);
}

function inApiFields(input: unknown, schema: z.ZodObject, context: z.RefinementCtx): unknown {
  if (typeof input !== "object" || input === null) return input;
  const fields = new Map<string, unknown>(Object.entries(input));
  for (const [word, field] of Object.entries(FOUNDING_WORDS.field)) {
    const value = fields.get(word);
    if (!(field in schema.shape) || !fields.delete(word) || value === undefined) continue;
    if (fields.get(field) !== undefined) {
      context.addIssue({
        code: "custom",
        path: [word],
        message: `means the same as ${field}: give one of the two`,
      });
    }
    fields.set(field, value);
  }
  return Object.fromEntries(fields);
}
