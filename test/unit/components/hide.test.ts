import { expect, test } from "vitest";
import { hidden } from "../../../components/secrets/hide.ts";
import { masked } from "../../../components/secrets/mask.ts";

test("a secret is left out wherever it stands, and one that is a part of another does not spoil it", () => {
  const values = hidden(["part-of-it", "whole-part-of-it-too", "$& (.*)"]);
  const log = "a whole-part-of-it-too b part-of-it c $& (.*) d part-of-it";
  expect(masked(log, values)).toBe("a [secret] b [secret] c [secret] d [secret]");
});

test("each line of a longer one counts, a short value does not", () => {
  expect(hidden(["-----BEGIN-----\nline-one\nline-two-\n", "true", ""])).toEqual([
    "-----BEGIN-----",
    "line-two-",
    "line-one",
  ]);
  expect(masked("  | line-one\n  | true", hidden(["line-one\nx", "true"]))).toBe("  | [secret]\n  | true");
});

test("nothing to hide changes nothing", () => {
  expect(masked("as it is")).toBe("as it is");
});
