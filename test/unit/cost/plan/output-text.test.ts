import { expect, test } from "vitest";
import { parseOutput } from "../../../../components/cost/plan/output-text.ts";

test.each(['{"steps": []}', 'World: sandbox\n{\n  "steps": []\n}\n', '> {npm}\n{"steps": []}\n'])(
  "the JSON of %j is found",
  (text) => {
    expect(parseOutput(text)).toEqual({ steps: [] });
  },
);

test("events line by line are refused, with the way out", () => {
  const text = '{"sequence":0,"preludeEvent":{}}\n{"sequence":1,"resourcePreEvent":{}}\n';
  expect(() => parseOutput(text)).toThrow(/unset PULUMI_ENABLE_STREAMING_JSON_PREVIEW/);
});

test.each(["", "error: no stack", '{"steps": [', 'x\n{"steps": ['])("%j is no JSON", (text) => {
  expect(() => parseOutput(text)).toThrow(/^this is no JSON: /);
});
