import { expect, test } from "vitest";
import { packageManifest } from "../../../scripts/lib/client-package.ts";

const project = { version: "1.2.3", license: "Apache-2.0", dependencies: { zod: "4.6.7", yaml: "2.9.1" } };

test("the version is the project's, and only what is imported becomes a dependency", () => {
  const manifest = packageManifest(project, ["zod"]);
  expect(manifest.version).toBe("1.2.3");
  expect(manifest.license).toBe("Apache-2.0");
  expect(manifest.dependencies).toEqual({ zod: "^4.6.7" });
});

test("an import that the project does not depend on fails the build by its name", () => {
  expect(() => packageManifest(project, ["zod", "left-out"])).toThrow(/left-out.*package\.json/);
});
