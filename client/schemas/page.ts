import { z } from "zod";

/** One page of a list. */
export interface Page<T> {
  readonly content: T[];
  /** Number of this page, from 0. */
  readonly number: number;
  /** Size that was asked for. */
  readonly size: number;
  readonly totalElements: number;
  readonly totalPages: number;
  readonly first: boolean;
  readonly last: boolean;
}

/** A page as Atlas gives it (Spring's shape, atlas-api 7). */
export function pageOut<S extends z.ZodType>(item: S) {
  return z.object({
    content: z.array(item),
    number: z.number(),
    size: z.number(),
    totalElements: z.number(),
    totalPages: z.number(),
    first: z.boolean(),
    last: z.boolean(),
  });
}

export const MAX_PAGE_SIZE = 1000;

/** Which page, and in which order. */
export const pagingIn = {
  /** From 0. @default 0 */
  page: z.number().int("must be a whole number").min(0, "starts at 0").optional(),
  /** @default 50, for iterators 100 */
  pageSize: z.number().int("must be a whole number").min(1).max(MAX_PAGE_SIZE).optional(),
  sort: z
    .strictObject({
      /** A property of the record, dotted for a reference's (`asset.name`). */
      by: z.string().min(1),
      direction: z.enum(["ASC", "DESC"]).optional(),
    })
    .optional(),
};
