import { describe, expect, test } from "vitest";
import { artefacts, secretsIn } from "../../../scripts/lib/ci/artefacts.ts";
import { block, code, fitted, kind } from "../../../scripts/lib/ci/markdown.ts";
import { smokeMarkdown } from "../../../scripts/lib/ci/smoke-summary.ts";
import { finding } from "./findings.ts";

describe("text of other people", () => {
  test("is one line of code", () => {
    expect([code("a`b\n| c"), code(""), code("x".repeat(300))]).toEqual([
      "`a'b | c`",
      "` `",
      `\`${"x".repeat(200)}…\``,
    ]);
  });

  test("is a block whose fence it cannot close, and of which the end stays", () => {
    expect(block("a\n````\nb")).toBe("`````text\na\n````\nb\n`````");
    expect(block("x".repeat(5000), 10)).toBe(`\`\`\`text\n…${"x".repeat(10)}\n\`\`\``);
  });
});

test("a type is named by its package", () => {
  expect(
    [
      "digitalocean:index/volume:Volume",
      "pulumi-nodejs:dynamic/atlas:Smoke",
      "aws:s3/bucketV2:BucketV2",
      "odd",
    ].map(kind),
  ).toEqual(["digitalocean Volume", "atlas Smoke", "aws BucketV2", "odd odd"]);
});

describe("a document", () => {
  const list = (rank: number, count: number, atLeast = 0) => ({
    head: `list ${rank}`,
    items: Array.from({ length: count }, (_, index) => `- item ${rank}.${index}`),
    tail: "end",
    rank,
    atLeast,
  });

  test("that fits is whole", () => {
    expect(fitted([list(1, 2), list(2, 1)], 1000)).toBe(
      "list 1\n- item 1.0\n- item 1.1\nend\n\nlist 2\n- item 2.0\nend\n",
    );
  });

  test("is shortened where the rank is lowest, at the end, and not below what must stay", () => {
    const parts = [list(2, 100), list(1, 100, 3)];
    const text = fitted(parts, 1200);
    expect(text.length).toBeLessThanOrEqual(1200);
    expect(text).toContain("- item 1.2\n- and 97 more; the run's summary and its artefact name them\nend");
    expect(text).toMatch(/- item 2\.\d\d\n- and \d\d more/);
  });
});

test("secrets are known by the names of their variables", () => {
  const env = {
    DIGITALOCEAN_TOKEN: "a",
    PULUMI_CONFIG_PASSPHRASE: "b",
    PULUMI_BACKEND_URL: "c",
    AWS_SECRET_ACCESS_KEY: "d",
    PULUMI_ACCESS_TOKEN: "",
    PULUMI_CONFIG_PASSPHRASE_FILE: "/path",
    HOME: "/root",
  };
  expect(secretsIn(env)).toEqual(["a", "b", "c", "d"]);
});

test("secrets are in none of the texts, whatever Pulumi has printed", () => {
  const failure = "error: 401 for dop_v1_0123456789 at s3://user:dop_v1_0123456789@host";
  const { comment, summary, files } = artefacts(finding([], { failure }), {}, ["dop_v1_0123456789"]);
  for (const text of [comment, summary, ...Object.values(files)]) expect(text).not.toContain("dop_v1");
  expect(comment).toContain("error: 401 for [secret] at s3://user:[secret]@host");
});

describe("a deployment's summary", () => {
  const report = {
    time: "2026-11-21T12:00:00.000Z",
    url: "https://atlas.example",
    version: "v1",
    passed: 1,
    failed: 0,
    skipped: 1,
    milliseconds: 1234,
    checks: [
      { id: "a", title: "Sign in | out", status: "PASS" as const, milliseconds: 12, detail: "200 <b>\nmore" },
      { id: "b", title: "Files", status: "SKIP" as const, milliseconds: 0, detail: "no licence" },
    ],
    services: [],
  };

  test("is a table of the checks", () => {
    expect(smokeMarkdown("prod", report, true)).toBe(`## ✅ \`prod\` is deployed

Smoke checks, 2026-11-21T12:00:00.000Z, at https://atlas.example: 1 passed, 0 failed, 1 skipped in 1.2 s.

| | check | time | seen |
| --- | --- | ---: | --- |
| ✅ | Sign in \\| out | 12 ms | 200 &lt;b> |
| ⏭️ | Files | 0 ms | no licence |
`);
  });

  test("of an up that failed does not take the last one's checks for its own", () => {
    const text = smokeMarkdown("prod", report, false);
    expect(text).toContain("## ❌ `prod` is not deployed: see the log of the up");
    expect(text).toContain("Smoke checks of the last up that passed, 2026-11-21T12:00:00.000Z");
    expect(smokeMarkdown("prod", undefined, false)).toContain("No up of this stack has passed");
  });
});
