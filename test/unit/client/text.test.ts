import fc from "fast-check";
import { expect, test } from "vitest";
import { Secrets } from "../../../client/secrets.ts";
import { escapeText, unescapeText } from "../../../client/text.ts";

test.each([
  ["A & B", "A &amp; B"],
  ["1<2", "1&lt;2"],
  ["a<b> c", "a&lt;b&gt; c"],
  ["&amp;", "&amp;amp;"],
  ["a\u00a0b", "a&nbsp;b"],
  ["plain é", "plain é"],
])("%s is stored as %s and comes back", (text, stored) => {
  expect(escapeText(text)).toBe(stored);
  expect(unescapeText(stored)).toBe(text);
});

test("any text survives the way there and back, and is stored without a tag", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(unescapeText(escapeText(text))).toBe(text);
      expect(escapeText(text)).not.toMatch(/[<>]/);
    }),
  );
});

test("entities that Atlas does not write are left alone", () => {
  expect(unescapeText("&quot;&#39;&lt;")).toBe("&quot;&#39;<");
});

test("secrets are taken out of text, short ones are not looked for", () => {
  const secrets = new Secrets();
  secrets.add("hunter22-hunter22", "abc", null, undefined);
  expect(secrets.redact("abc hunter22-hunter22 hunter22-hunter22!")).toBe("abc [secret] [secret]!");
});
