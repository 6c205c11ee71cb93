import { expect, test } from "vitest";
import { absence, type Knock } from "../../bench/droplet/door-watch.ts";

const knocks = (...answers: (string | undefined)[]): Knock[] =>
  answers.map((problem, index) => ({
    sent: index * 100,
    answered: index * 100 + 10,
    ...(problem && { problem }),
  }));

test("nobody is away from the last good answer to the next one", () => {
  const seen = knocks(undefined, undefined, "status 502", "status 502", undefined, undefined);
  expect(absence(seen)).toEqual({ begin: 110, end: 410 });
});

test("an answer in between does not make it shorter", () => {
  expect(absence(knocks(undefined, "status 502", undefined, "timeout", undefined))).toEqual({
    begin: 10,
    end: 410,
  });
});

test("a door that always opens was never shut", () => {
  expect(absence(knocks(undefined, undefined))).toEqual({ begin: 0, end: 0 });
});

test("a door that was shut before, or stays so, has no downtime to tell", () => {
  expect(() => absence(knocks("refused", undefined))).toThrow("was shut from the beginning: refused");
  expect(() => absence(knocks(undefined, "status 502"))).toThrow("stayed shut: status 502");
});
