import { describe, expect, it } from "vitest";
import { sanitise } from "../../../sandbox/atlas/sanitise.ts";

describe("sanitise", () => {
  it.each([
    ["A & B", "A &amp; B"],
    ["d <script>x</script> & é", "d  &amp; é"],
    ["1<2", "1&lt;2"],
    ["a<b", "a"],
    ["a > b", "a &gt; b"],
    ["x <b>bold</b> y", "x bold y"],
    ['<a title="a>b">link</a>', "link"],
    ["it's <!-- hidden --> here", "it's  here"],
    ["<style>p{}</style>ok", "ok"],
    ["<script>never closed", ""],
    ["a < b", "a &lt; b"],
    ["trailing <", "trailing &lt;"],
    ["two\nlines", "two\nlines"],
    ["&eacute;&nbsp;&unknown;", "é&nbsp;&amp;unknown;"],
    ["&#233;&#xe9;", "éé"],
    ['"quotes"', '"quotes"'],
    ["", ""],
  ])("stores %j as %j", (given, stored) => {
    expect(sanitise(given)).toBe(stored);
  });

  it.each(["A & B", "1<2", "a > b", "&copy; &nbsp; é"])(
    "is stable when what it stored is written back: %j",
    (text) => {
      expect(sanitise(sanitise(text))).toBe(sanitise(text));
    },
  );

  it("keeps null", () => {
    expect(sanitise(null)).toBeNull();
  });
});
