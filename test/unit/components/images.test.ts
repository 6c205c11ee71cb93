import { describe, expect, test } from "vitest";
import { pinnedImages } from "../../../components/services/images.ts";
import { serviceNames } from "../../../components/services/service.ts";
import { json } from "./configuration.ts";
import { servicesOf } from "./deployment-services.ts";

const imagesOf = (values: Record<string, string> = {}) =>
  Object.fromEntries(Object.values(servicesOf(values)).map((service) => [service?.name, service?.image]));

test("the pinned ones, by default", () => {
  expect(imagesOf()).toEqual(pinnedImages);
});

test.each(serviceNames)("the one of %s is pinned by a version", (name) => {
  expect(pinnedImages[name]).toMatch(/^[a-z0-9/-]+:[\w.-]*\d[\w.-]*$/);
  expect(pinnedImages[name]).not.toMatch(/latest/);
});

test("PostgreSQL is of the version that upstream runs, and no image is one that has left its registry", () => {
  expect(pinnedImages.postgres).toMatch(/^postgres:16\./);
  expect(Object.values(pinnedImages).filter((image) => image.startsWith("minio/minio"))).toEqual([]);
});

test("each can be overridden", () => {
  const images = { backend: "reg.example/atlas:v9", ingress: `caddy@sha256:${"ab".repeat(32)}` };
  expect(imagesOf({ images: json(images) })).toEqual({ ...pinnedImages, ...images });
});

describe("a mirror", () => {
  const imageMirror = "reg.example:5000/mirror";

  test("holds official images under library/", () => {
    expect(imagesOf({ imageMirror })).toEqual({
      postgres: "reg.example:5000/mirror/library/postgres:16.13-alpine",
      backend: "reg.example:5000/mirror/intelloop/atlas-cmms-backend:v1.8.0",
      frontend: "reg.example:5000/mirror/intelloop/atlas-cmms-frontend:v1.8.0",
      storage: "reg.example:5000/mirror/alpine/minio:RELEASE.2025-10-15T17-29-55Z",
      ingress: "reg.example:5000/mirror/library/caddy:2.11.9-alpine",
    });
  });

  test("does not change an override, which is complete as it stands", () => {
    const images = { postgres: "other.example/postgres:16.1" };
    expect(imagesOf({ imageMirror, images: json(images) })).toMatchObject(images);
  });
});
