import type { ServiceName } from "./service.ts";

/**
 * The versions that this project is tested with. Upstream publishes `intelloop/atlas-cmms-*` per git tag v*;
 * `minio/minio` left its registry in 2026-09 (Grashjs/cmms#280), `alpine/minio` holds the same last release.
 */
export const pinnedImages: Record<ServiceName, string> = {
  postgres: "postgres:16.13-alpine",
  backend: "intelloop/atlas-cmms-backend:v1.8.0",
  frontend: "intelloop/atlas-cmms-frontend:v1.8.0",
  storage: "alpine/minio:RELEASE.2025-10-15T17-29-55Z",
  ingress: "caddy:2.11.9-alpine",
};

/** postgres:16.13-alpine -> 16; undefined for a reference whose tag tells no version. */
export function imageMajor(reference: string | undefined): number | undefined {
  const [, major] = /:(\d+)[^/]*$/.exec((reference ?? "").replace(/@.*/, "")) ?? [];
  return major === undefined ? undefined : Number(major);
}

/** The reference to pull: the override or the pinned image, under the mirror's prefix where one is configured. */
export function imageFor(
  service: ServiceName,
  { images, imageMirror }: { images: Partial<Record<ServiceName, string>>; imageMirror: string },
): string {
  const override = images[service];
  if (override) return override;
  const pinned = pinnedImages[service];
  if (!imageMirror) return pinned;
  // Mirrors keep official images, which have no owner in their name, under library/.
  return `${imageMirror}/${pinned.includes("/") ? pinned : `library/${pinned}`}`;
}
