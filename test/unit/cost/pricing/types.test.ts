import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { products } from "../../../../components/cost/pricing/rules.ts";
import { free, unread } from "../../../../components/cost/pricing/types.ts";
import { unknown } from "../../../../components/cost/resource.ts";
import { usageTaken } from "../../../../components/cost/usage.ts";
import { billOf, notesOf } from "./planned.ts";

const sdk = path.dirname(createRequire(import.meta.url).resolve("@pulumi/digitalocean/package.json"));
const sdkTypes = readdirSync(sdk)
  .filter((name) => name.endsWith(".js"))
  .flatMap((name) => [
    ...readFileSync(path.join(sdk, name), "utf8").matchAll(/__pulumiType = '(digitalocean:[^']+)'/g),
  ])
  .map(([, type = ""]) => type);

test("every resource type of the SDK has a rule, and no rule is without a type", () => {
  expect(sdkTypes.length).toBeGreaterThan(80);
  expect([...products.keys()].toSorted()).toEqual(sdkTypes.toSorted());
});

test("only what the SDK has takes usage", () => {
  expect([...usageTaken.keys()].filter((type) => !sdkTypes.includes(type))).toEqual([]);
});

test.each(Object.keys(free))("%s has no bill", (name) => {
  expect(billOf(name)).toMatchObject({ lines: [], unknown: false });
});

test.each(Object.entries(unread))("the price of %s is not known: %s", (name, why) => {
  expect(billOf(name)).toMatchObject({
    unknown: true,
    lines: [{ label: name, note: why, monthly: undefined }],
  });
});

test("a type that is newer than the rules is not known", () => {
  expect(billOf("digitalocean:index/moon:Moon").unknown).toBe(true);
  expect(notesOf("digitalocean:index/moon:Moon")).toBe("this type is newer than the pricing rules");
  expect(billOf("digitalocean:index/constructor:constructor").unknown).toBe(true);
});

describe("other providers", () => {
  test.each([
    "pulumi:pulumi:StackReference",
    "pulumi:providers:digitalocean",
    "pulumi-nodejs:dynamic:Resource",
    "pulumi-nodejs:dynamic/atlas:Smoke",
    "docker:index/container:Container",
    "command:remote:Command",
    "random:index/randomId:RandomId",
    "tls:index/privateKey:PrivateKey",
    "kubernetes:apps/v1:Deployment",
  ])("%s has no bill", (type) => {
    expect(billOf(type)).toMatchObject({ lines: [], unknown: false });
  });

  test.each([
    "aws:ec2/instance:Instance",
    "gcp:compute/instance:Instance",
    "azure-native:web:WebApp",
    "cloudflare:index/record:Record",
  ])("the price of %s is not known", (type) => {
    expect(billOf(type).unknown).toBe(true);
    expect(notesOf(type)).toMatch(
      /^this book has no prices of the provider (aws|gcp|azure-native|cloudflare)$/,
    );
  });

  test.each<[string, object, boolean]>([
    ["kubernetes:core/v1:Service", { spec: { type: "LoadBalancer" } }, true],
    ["kubernetes:core/v1:Service", { spec: { type: unknown } }, true],
    ["kubernetes:core/v1:Service", { spec: unknown }, true],
    ["kubernetes:core/v1:Service", { spec: { type: "ClusterIP" } }, false],
    ["kubernetes:core/v1:Service", {}, false],
    ["kubernetes:core/v1:PersistentVolumeClaim", {}, true],
    ["kubernetes:apps/v1:StatefulSet", { spec: { volumeClaimTemplates: [{}] } }, true],
    ["kubernetes:apps/v1:StatefulSet", { spec: {} }, false],
    ["kubernetes:helm.sh/v3:Release", {}, true],
    ["kubernetes:gateway.networking.k8s.io/v1:Gateway", {}, true],
  ])("of %s %j something may be billed: %s", (type, inputs, isUnknown) => {
    expect(billOf(type, { ...inputs }).unknown).toBe(isUnknown);
  });
});
