// No secret stands in the clear anywhere but in a container's environment, where its service reads it. Every place is
// searched for something that is known to be there as well: a search that looks at nothing fails.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { docker } from "../../components/hosts/docker-cli.ts";
import { type Inspected, inspectedPlaceNames, inspectedPlaces } from "./inspected.ts";
import { pulumiPlaceNames, watchDeployment } from "./pulumi-places.ts";
import { canary, expectNoSecret, isIn, type Place, type Secret } from "./secret-search.ts";
import { TestStack } from "./test-stack.ts";

const placeNames = [...pulumiPlaceNames, ...inspectedPlaceNames, "the containers' logs"] as const;

const admin = canary("adminPassword");
const smtp = canary("SMTP_PWD");
let stack: TestStack;
let places: Record<(typeof placeNames)[number], Place>;
let generated: Secret[];
let environment: string;

beforeAll(async () => {
  stack = await TestStack.make({
    storage: "true",
    backendEnv: { STANDIN_BOOT_MS: "500", STANDIN_MIGRATION_MS: "500" },
  });
  await stack.setSecret("adminPassword", admin.value);
  await stack.setSecret("backendEnv.SMTP_PWD", smtp.value);
  const watched = await watchDeployment(stack, {
    rotate: ["database", "storage", "jwt", "superAdmin"],
    known: { output: "org.atlas-cmms.deployment", event: stack.container("backend") },
  });
  generated = watched.generated;
  const containers = Object.values(await stack.containerIds());
  const inspected: Inspected[] = JSON.parse(await docker(["inspect", ...containers]));
  environment = inspected.map(({ Config }) => Config.Env.join("\n")).join("\n");
  const logs = await Promise.all(containers.map((id) => docker(["logs", id], { bothOutputs: true })));
  places = {
    ...watched.places,
    ...inspectedPlaces(inspected, { label: "org.atlas-cmms.deployment", name: stack.container("storage") }),
    "the containers' logs": { text: logs.join("\n"), known: "Tomcat started" },
  };
});
afterAll(() => stack.remove());

test("what is searched for are the secrets in use", () => {
  // Six of the first up, of which the administrator's is for nobody here, and four that were rotated.
  expect(generated).toHaveLength(10);
  for (const { parts } of generated) for (const part of parts) expect(part.length).toBeGreaterThanOrEqual(24);
  expect(environment).toContain(smtp.value);
  // Of those the services know three: the database's, the object store's and the key.
  expect(generated.filter((secret) => isIn(secret, environment))).toHaveLength(3);
});

describe("no secret is in", () => {
  test.each(placeNames)("%s", (name) => expectNoSecret(places[name], [admin, smtp, ...generated]));
});
