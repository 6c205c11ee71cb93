// What somebody means to have, in a short form of its own and without a Pulumi program, and the answer to what it costs.
import { z } from "zod";
import { type Estimate, unpriced } from "../estimate.ts";
import type { PlannedResource } from "../resource.ts";

const text = z.string().min(1);
const whole = z.int().min(1);
const named = { resource_name: text, count: whole.max(1000).optional() };

/** By the name of the type here, what it is in Pulumi. */
const tokens = {
  droplet: "digitalocean:index/droplet:Droplet",
  volume: "digitalocean:index/volume:Volume",
  database: "digitalocean:index/databaseCluster:DatabaseCluster",
  load_balancer: "digitalocean:index/loadBalancer:LoadBalancer",
} as const;

const resource = z.discriminatedUnion("resource_type", [
  z.strictObject({
    resource_type: z.literal("droplet"),
    ...named,
    size: text,
    backups: z.literal(["weekly", "daily", false]).default(false),
  }),
  z.strictObject({ resource_type: z.literal("volume"), ...named, size_gb: whole }),
  z.strictObject({
    resource_type: z.literal("database"),
    ...named,
    engine: text,
    size: text,
    nodes: whole.default(1),
    /** Of each node; what the size includes, without it. */
    storage_gb: whole.optional(),
  }),
  z.strictObject({ resource_type: z.literal("load_balancer"), ...named, nodes: whole.default(1) }),
]);
type Specified = z.output<typeof resource>;

const specification = z
  .strictObject({ resources: z.array(resource) })
  .superRefine(({ resources }, context) => {
    const known = new Set<string>();
    for (const [index, one] of resources.entries())
      for (const name of namesOf(one)) {
        const key = `${one.resource_type} ${name}`;
        const path = ["resources", index, "resource_name"];
        if (known.has(key)) context.addIssue({ code: "custom", path, message: `there is another ${key}` });
        known.add(key);
      }
  });

/**
 * The resources of a specification, such as
 * `{"resources": [{"resource_type": "droplet", "resource_name": "web", "size": "s-1vcpu-1gb", "count": 2}]}`;
 * with a count they are called `web-1`, `web-2` and so on. Sizes are DigitalOcean's slugs; a GB is 2^30 bytes.
 * @throws Error with path, value and reason of every fault
 */
export function readSpecification(json: unknown): PlannedResource[] {
  const { data, error } = specification.safeParse(json);
  if (error)
    throw new Error(
      `The specification is at fault:\n${error.issues.flatMap((issue) => faultTexts(issue, json)).join("\n")}`,
    );
  return data.resources.flatMap((one) =>
    namesOf(one).map((name) => ({
      type: tokens[one.resource_type],
      name,
      inputs: inputsOf(one),
      uses: {},
      protect: false,
    })),
  );
}

const namesOf = ({ resource_name: name, count }: Specified): string[] =>
  count === undefined ? [name] : Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);

function inputsOf(one: Specified): PlannedResource["inputs"] {
  switch (one.resource_type) {
    case "droplet":
      return one.backups
        ? { size: one.size, backups: true, backupPolicy: { plan: one.backups } }
        : { size: one.size, backups: false };
    case "volume":
      return { size: one.size_gb };
    case "database":
      return {
        engine: one.engine,
        size: one.size,
        nodeCount: one.nodes,
        ...(one.storage_gb !== undefined && { storageSizeMib: String(one.storage_gb * 1024) }),
      };
    case "load_balancer":
      return { sizeUnit: one.nodes };
  }
}

/** An unknown field is at fault by itself, and not all that is around it. */
function faultTexts(issue: z.core.$ZodIssue, json: unknown): string[] {
  const faults: [path: PropertyKey[], message: string][] =
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => [[...issue.path, key], "there is no such field"])
      : [[issue.path, issue.message]];
  return faults.map(([path, message]) => {
    const value = path.reduce<unknown>(
      (whole, key) => (typeof whole === "object" && whole !== null ? Reflect.get(whole, key) : undefined),
      json,
    );
    return `  ${z.core.toDotPath(path) || "all"} = ${JSON.stringify(value) ?? "missing"}: ${message}`;
  });
}

/** Amounts of a month. null stands for what is not known, which `unknown` names. */
export interface Answer {
  estimated_monthly_cost: number | null;
  currency: string;
  breakdown: { resource_type: string; resource_name: string; estimated_cost: number | null }[];
  unknown?: string[];
}

/** The estimate of a specification in its own form. A sum with an unknown part is not known either. */
export function answer(estimate: Estimate): Answer {
  const missing = unpriced(estimate).map(({ name }) => name);
  return {
    estimated_monthly_cost: missing.length > 0 ? null : estimate.monthly.toNumber(),
    currency: estimate.currency,
    breakdown: estimate.resources.map(({ type, name, monthly, unknown }) => ({
      resource_type: shortType(type),
      resource_name: name,
      estimated_cost: unknown ? null : monthly.toNumber(),
    })),
    ...(missing.length > 0 && { unknown: missing }),
  };
}

const shortType = (type: string): string =>
  Object.entries(tokens).find(([, token]) => token === type)?.[0] ?? type;
