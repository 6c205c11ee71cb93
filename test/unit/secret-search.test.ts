// The canary tests are worth what their search finds.
import ssh2 from "ssh2";
import { describe, expect, test } from "vitest";
import { canary, distinct, expectNoSecret, isIn, partsOf } from "../e2e/secret-search.ts";

const { value, ...secret } = canary("password");
const [core = ""] = secret.parts;

describe("a canary is found", () => {
  test.each([
    ["as it is", value],
    ["in JSON", JSON.stringify({ args: [JSON.stringify({ password: value })] })],
    ["in a URL", `https://user:${encodeURIComponent(value)}@host/`],
    ["in a header", `Basic ${Buffer.from(`user:${value}`).toString("base64")}`],
    ...[0, 1, 2].map((before) => [
      `in base64 behind ${before} characters`,
      Buffer.from(`${"x".repeat(before)}${value} and more`).toString("base64"),
    ]),
  ])("%s", (_, text) => {
    expect(isIn(secret, `before ${text} after`)).toBe(true);
    expect(() => expectNoSecret({ text, known: "" }, [secret])).toThrow("to deeply equal");
  });
});

test("another value is none", () => {
  expect(isIn(secret, `${canary("password").value} ${core.slice(1)}`)).toBe(false);
});

test("a search that looks at nothing fails", () => {
  expect(() => expectNoSecret({ text: "", known: "something" }, [secret])).toThrow("it holds something");
  expectNoSecret({ text: "something else", known: "something" }, [secret]);
});

test("a private key is found by any line of its own, indented or not, and not by another's or the public one's", () => {
  const [one, other] = [0, 1].map(() => ssh2.utils.generateKeyPairSync("ed25519"));
  const key = { name: "key", parts: partsOf(one?.private ?? "") };
  expect(key.parts.length).toBeGreaterThan(2);
  for (const line of key.parts) expect(isIn(key, `ssh_keys:\n    ${line}\n`)).toBe(true);
  expect(isIn(key, JSON.stringify(one?.private))).toBe(true);
  expect(isIn(key, `${other?.private}\n${one?.public}`)).toBe(false);
});

test("what was not renewed counts once", () => {
  expect(distinct([secret, { ...secret }, canary("password")])).toHaveLength(2);
});
