import { describe, expect, test } from "vitest";
import type { Observation } from "../../../../ops/watch/condition.ts";
import { judge } from "../../../../ops/watch/judge.ts";
import { bytesOf } from "../../../../ops/watch/measure/containers.ts";
import { metricsText } from "../../../../ops/watch/metrics.ts";
import { statusPage } from "../../../../ops/watch/page.ts";
import { statusText } from "../../../../ops/watch/terminal.ts";
import { bytesText, durationText } from "../../../../ops/words.ts";
import { parseMarkup, within } from "../../cost/reports/markup.ts";
import { ago, container, deployment, now, observation } from "./conditions.ts";

const conditionOf = (changed: Partial<Observation> = {}) => judge(deployment(), observation(changed));
const hostile = `<script>alert("x")</script>\u0007&`;
const bad = conditionOf({
  containers: { value: [container("backend", { health: "unhealthy" }), container("postgres")] },
  local: { error: hostile },
  records: {
    value: {
      results: { drill: { last: { time: ago(1), ok: false, seconds: 9, error: `${hostile}\nand more` } } },
      channels: { mail: { time: ago(1), error: "refused" } },
      acts: [],
    },
  },
});

describe("the page", () => {
  const parsed = (html: string) => within(parseMarkup(html));

  test.each([
    ["well", conditionOf()],
    ["bad", bad],
  ])("is well-formed, loads nothing and runs nothing: %s", (_, condition) => {
    const elements = parsed(statusPage(condition));
    const names = new Set(elements.map(({ name }) => name));
    for (const name of ["script", "link", "img", "iframe", "object", "form"])
      expect(names).not.toContain(name);
    const attributes = elements.flatMap(({ attributes }) => [...attributes.keys()]);
    expect(attributes.filter((name) => /^(on|src)/.test(name))).toEqual([]);
    expect(
      elements
        .find(({ attributes }) => attributes.get("http-equiv") === "refresh")
        ?.attributes.get("content"),
    ).toBe("30");
  });

  test("says every verdict in a word and shows every part", () => {
    const html = statusPage(bad);
    const cards = parsed(html).filter(({ name }) => name === "h3");
    expect(cards).toHaveLength(bad.parts.length);
    expect(
      parsed(html)
        .filter(({ attributes }) => attributes.get("class") === "verdict")
        .map(({ text }) => text),
    ).toEqual(expect.arrayContaining(["Bad", "Warning", "OK"]));
    expect(html).toContain("Next: <code>docker logs --tail 100 atlas-prod-backend</code>");
  });

  test("shows what others wrote as text", () => {
    const html = statusPage(bad);
    expect(html).not.toContain("<script>");
    expect(html).not.toContain("\u0007");
    expect(html).toContain("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp;");
  });
});

describe("the terminal", () => {
  test("tells a well deployment", () => {
    expect(statusText(conditionOf()).split("\n")).toEqual([
      "prod  https://cmms.plant.example",
      "all is well, looked at 2026-11-21 16:45 UTC in 1.5 s",
      "",
      "✓ postgres       healthy, 100 MiB of 512 MiB",
      "✓ backend        healthy, 100 MiB of 512 MiB",
      "✓ frontend       healthy, 100 MiB of 512 MiB",
      "✓ storage        healthy, 100 MiB of 512 MiB",
      "✓ ingress        healthy, 100 MiB of 512 MiB",
      "✓ Atlas          health check 12 ms, database read 34 ms",
      "✓ Disk (data)    40 % of 100 GiB used, 60 GiB free (/var/lib/atlas)",
      "✓ Certificate    60 days left, until 2027-01-20 16:45 UTC, by Let's Encrypt",
      "✓ Backup         14 h old, 12 MiB, 7 sets",
      "✓ Remote backup  14 h old, 12 MiB, 23 sets",
      "✓ Restore drill  passed 2 days ago in 95 s, with data 2 h old",
      "✓ Smoke checks   passed 8 days ago in 8 s",
      "✓ Database       30 MiB",
      "✓ Files          1200 objects, 3 GiB",
      "",
      "Last results",
      "  backup  ok  2026-11-21 02:03 UTC  12 s  20261121T020000Z-3f9a2c",
      "  drill   ok  2026-11-19 16:45 UTC  95 s  20261121T020000Z-3f9a2c",
      "  smoke   ok  2026-11-13 08:45 UTC  8 s",
      "",
      "Who did what",
      "  2026-11-13 08:45 UTC  up  ok  61 s  v1.8.0  ada@desk",
    ]);
  });

  test("tells what is wrong and what to do, and lets nobody move the cursor", () => {
    const text = statusText(bad);
    expect(text).toContain("✗ backend         runs, but its health check fails\n");
    expect(text).toContain("next: docker logs --tail 100 atlas-prod-backend\n");
    expect(text).toContain("3 bad, 2 warnings");
    expect(text).not.toMatch(/[^\n\P{Cc}]/u);
    expect(statusText(bad, { colour: true })).toContain("\u001b[31m✗\u001b[0m backend");
  });
});

describe("metrics", () => {
  const samples = async (changed: Partial<Observation> = {}, time = now) =>
    (await metricsText(conditionOf(changed), time))
      .split("\n")
      .filter((line) => line && !line.startsWith("#"));

  test("are one line a figure, with help and type", async () => {
    const text = await metricsText(conditionOf(), now);
    expect(text).toContain("# HELP atlas_certificate_days_left ");
    expect(text).toContain("# TYPE atlas_certificate_days_left gauge\n");
    expect(await samples()).toEqual(
      expect.arrayContaining([
        "atlas_verdict 0",
        'atlas_part_verdict{part="container/backend"} 0',
        "atlas_docker_up 1",
        'atlas_container_healthy{service="backend"} 1',
        'atlas_container_memory_bytes{service="backend"} 104857600',
        'atlas_container_info{service="backend",image="backend:1"} 1',
        'atlas_disk_free_bytes{disk="data",path="/var/lib/atlas"} 64424509440',
        "atlas_certificate_days_left 60",
        'atlas_backup_age_seconds{place="local"} 53100',
        'atlas_backup_age_seconds{place="remote"} 53100',
        'atlas_backup_bytes{place="local"} 12582912',
        'atlas_act_ok{act="drill"} 1',
        'atlas_act_age_seconds{act="smoke"} 720000',
        'atlas_probe_ok{call="health check"} 1',
        'atlas_probe_seconds{call="database read"} 0.034',
        "atlas_database_bytes 31457280",
        "atlas_objects 1200",
      ]),
    );
  });

  test("grow older with the scrape, not with the look", async () => {
    expect(await samples({}, ago(-1))).toEqual(
      expect.arrayContaining([
        "atlas_look_age_seconds 3600",
        'atlas_backup_age_seconds{place="local"} 56700',
      ]),
    );
  });

  test("of what is not known are left out, and never 0", async () => {
    const lines = await samples({
      containers: { error: "no engine" },
      databaseBytes: { error: "no database" },
      remote: { error: "unreachable" },
      local: { value: { count: 0 } },
      certificate: { error: "refused" },
    });
    expect(lines).toContain("atlas_docker_up 0");
    expect(lines).toContain('atlas_backup_storage_up{place="remote"} 0');
    expect(lines).toContain('atlas_backup_sets{place="local"} 0');
    for (const name of ["container_", "database_bytes", "backup_age", "certificate_"])
      expect(lines.filter((line) => line.startsWith(`atlas_${name}`))).toEqual([]);
  });

  test("escape what is in a label", async () => {
    const value = [container("backend", { image: 'a"b\\c\nd' })];
    expect(await samples({ containers: { value } })).toContain(
      'atlas_container_info{service="backend",image="a\\"b\\\\c\\nd"} 1',
    );
  });
});

test.each<[number, string]>([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1 KiB"],
  [1536, "1.5 KiB"],
  [10 * 1024 ** 2, "10 MiB"],
  [123.4 * 1024 ** 2, "123 MiB"],
  [5 * 1024 ** 5, "5120 TiB"],
])("%d bytes are %s", (bytes, text) => expect(bytesText(bytes)).toBe(text));

test.each<[number, string]>([
  [0, "0 ms"],
  [-5, "0 ms"],
  [999, "999 ms"],
  [1500, "1.5 s"],
  [119_999, "119 s"],
  [120_000, "2 min"],
  [7_199_000, "119 min"],
  [7_200_000, "2 h"],
  [172_799_000, "47 h"],
  [172_800_000, "2 days"],
])("%d ms are %s", (ms, text) => expect(durationText(ms)).toBe(text));

test.each<[string, number]>([
  ["0B", 0],
  ["512KiB", 524_288],
  ["1.5MiB", 1_572_864],
  ["23.54GiB", 25_275_882_537],
])("docker's %s are %d bytes", (text, bytes) => expect(bytesOf(text)).toBe(bytes));

test("a size that docker never writes is refused", () => {
  expect(() => bytesOf("--")).toThrow(/"--" is no size/);
});
