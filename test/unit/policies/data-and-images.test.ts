import { describe, expect, test } from "vitest";
import { unknown } from "../../../components/cost/resource.ts";
import { policies, violations, violationText } from "../../../components/policies.ts";
import { broken, planned } from "./planned.ts";

const digest = `sha256:${"ab".repeat(32)}`;

describe("data in production", () => {
  const kinds = ["Volume", "ReservedIp", "DatabaseCluster", "SpacesBucket", "DockerVolume"] as const;

  test.each(kinds)("of %s is protected", (kind) => {
    expect(broken("data-protected", [planned(kind, "data")])).toEqual(["data: protect false"]);
    expect(broken("data-protected", [planned(kind, "data", {}, { protect: true })])).toEqual([]);
  });

  test("is the only data that must be", () => {
    expect(broken("data-protected", [planned("Volume", "data")], { production: false })).toEqual([]);
    expect(broken("data-protected", [planned("Tag", "tag")])).toEqual([]);
  });
});

describe("an image", () => {
  test.each([
    "postgres:16.13-alpine",
    "intelloop/atlas-cmms-backend:v1.8.0",
    "reg.example:5000/mirror/library/caddy:2.11.9-alpine",
    `caddy@${digest}`,
    `reg.example:5000/caddy:latest@${digest}`,
    digest,
  ])("%s is pinned", (name) => {
    expect(broken("images-pinned", [planned("RemoteImage", "image", { name })])).toEqual([]);
  });

  test.each([
    "postgres",
    "postgres:latest",
    "postgres:latest-16",
    "postgres:alpine",
    "reg.example:5000/postgres",
    "reg.example:5000/postgres:stable",
    "caddy@sha256:abc",
    "",
  ])("%s is not", (name) => {
    expect(broken("images-pinned", [planned("RemoteImage", "image", { name })])).toEqual([`image: ${name}`]);
  });

  test("of a container is its RemoteImage's, else its own", () => {
    const image = planned("RemoteImage", "image", { name: "postgres:16.13" });
    const pulled = planned("Container", "pulled", { image: unknown }, { uses: { image: [image] } });
    const named = planned("Container", "named", { image: "postgres" });
    const mystery = planned("Container", "mystery", { image: unknown });
    expect(broken("images-pinned", [image, pulled, named, mystery])).toEqual([
      "named: postgres",
      "mystery: not known before the run",
    ]);
  });

  test("that runs on a droplet is named by the smoke checks", () => {
    const images = { postgres: "postgres:16.13-alpine", backend: "backend:latest", ingress: unknown };
    expect(broken("images-pinned", [planned("Smoke", "smoke", { images })])).toEqual([
      "smoke: backend:latest",
      "smoke: not known before the run",
    ]);
    expect(broken("images-pinned", [planned("Smoke", "smoke", { images: "[secret]" })])).toHaveLength(1);
  });
});

describe("backups of a production droplet", () => {
  const droplet = (backups: unknown) => [planned("Droplet", "web", { backups })];

  test("are on", () => {
    expect(broken("backups-on", droplet(true))).toEqual([]);
    expect(broken("backups-on", droplet(false))).toEqual(["web: backups off"]);
    expect(broken("backups-on", droplet(undefined))).toEqual(["web: backups off"]);
    expect(broken("backups-on", droplet(unknown))).toEqual(["web: not known before the run"]);
    expect(broken("backups-on", droplet(false), { production: false })).toEqual([]);
  });

  test("may be waived, in words", () => {
    const waived = (backupsWaiver: string) =>
      broken("backups-on", droplet(false), { production: true, backupsWaiver });
    expect(waived("rebuilt from the volume within an hour")).toEqual([]);
    expect(waived("   yes     ")).toEqual(['web: backups off, waived with "yes"']);
  });
});

test("each policy has a name of its own, and explains itself in a sentence", () => {
  expect(new Set(policies.map(({ name }) => name)).size).toBe(policies.length);
  for (const { explains } of policies) expect(explains).toMatch(/^[A-Z].{20,}\.$/);
});

test("a violation in a line says what, where and how to mend it", () => {
  const [violation] = violations([planned("Volume", "data")], { production: true });
  expect(violation && violationText(violation)).toBe(
    "data-protected: data (digitalocean:index/volume:Volume): protect false: a change in passing could delete it: it would take everything on the volume. Set the resource option protect: true.",
  );
});
