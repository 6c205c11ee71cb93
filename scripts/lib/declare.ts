// Prints the resources that a checkout's program declares for a stack, as one line of JSON: declare.ts CHECKOUT STACK.
// A process of its own, since the SDK's settings belong to the whole process.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { declaredResources } from "../../components/cost/plan/declared.ts";
import type { PlannedResource } from "../../components/cost/resource.ts";

const [checkout = "", stack = ""] = process.argv.slice(2);

const yamlOf = (file: string) => (existsSync(file) ? parse(readFileSync(file, "utf8")) : {});
const project = yamlOf(path.join(checkout, "Pulumi.yaml"));
const given = yamlOf(path.join(checkout, `Pulumi.${stack}.yaml`)).config ?? {};

const isSecure = (value: unknown): value is { secure: string } =>
  typeof value === "object" && value !== null && Object.keys(value).join() === "secure";

const holdsSecret = (value: unknown): boolean =>
  isSecure(value) || (typeof value === "object" && value !== null && Object.values(value).some(holdsSecret));

/** Nothing that is priced follows from a secret; a stand-in that is long enough for all of them will do. */
const readable = (value: unknown): unknown => {
  if (isSecure(value)) return "not-decrypted-here";
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, readable(inner)]));
};

/** As the engine hands it over: everything is text, objects as JSON. */
const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

const defaults = Object.entries<{ default?: unknown }>(project.config ?? {}).map(
  ([key, declared]) => [key, declared.default ?? ""] as const,
);
const config = Object.fromEntries(
  [...defaults, ...Object.entries(given)].map(([key, value]) => [key, text(readable(value))]),
);
process.env.PULUMI_CONFIG_SECRET_KEYS = JSON.stringify(
  Object.keys(given).filter((key) => holdsSecret(given[key])),
);

await pulumi.runtime.setMocks(
  { newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: ({ inputs }) => inputs },
  project.name,
  stack,
  true,
);
pulumi.runtime.setAllConfig(config);

let declared: PlannedResource[] = [];
pulumi.runtime
  .runInPulumiStack(async () => {
    declared = declaredResources();
    await import(pathToFileURL(path.join(checkout, project.main ?? "index.ts")).href).catch(
      (error: Error) => {
        // A plan that is refused is a plan all the same (components/guard.ts); who asked says so too.
        if (error.name !== "PlanRefused") throw error;
      },
    );
    // Nothing is to be registered: the constructors have run, and that is all that is asked of them. The SDK would
    // report what waits in vain.
    process.removeAllListeners("exit");
    process.stdout.write(`${JSON.stringify(declared)}\n`, () => process.exit(0));
  })
  .catch((error: Error) => {
    console.error(pulumi.RunError.isInstance(error) ? error.message : error);
    process.exit(1);
  });
