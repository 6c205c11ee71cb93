// Resources of other providers: what bills nothing by itself, and what nobody can price from a book of DigitalOcean's.
import type { PlannedResource } from "../resource.ts";
import { unknown } from "../resource.ts";
import { input } from "./inputs.ts";

/** They make things on machines that are here already, or in the state alone. */
const withoutBill = new Set([
  "pulumi",
  "pulumi-nodejs",
  "pulumi-python",
  "docker",
  "docker-build",
  "command",
  "random",
  "tls",
  "local",
  "null",
  "time",
  "std",
]);

/** Why the price of a resource of another provider is not known; undefined where it has none. */
export function otherProviderFault(resource: PlannedResource): string | undefined {
  const [provider = ""] = resource.type.split(":");
  if (withoutBill.has(provider)) return undefined;
  if (provider === "kubernetes") return kubernetesFault(resource);
  return `this book has no prices of the provider ${provider}`;
}

/** What a cluster at DigitalOcean makes of it is billed, and lies in no plan. */
function kubernetesFault({ type, inputs }: PlannedResource): string | undefined {
  const kind = type.slice(type.lastIndexOf(":") + 1).replace(/Patch$/, "");
  const serviceType = input(inputs, "spec.type");
  if (kind === "Service" && (serviceType === "LoadBalancer" || serviceType === unknown))
    return "in a cluster at DigitalOcean it makes a load balancer, which is billed";
  if (kind === "Gateway") return "in a cluster at DigitalOcean it may make a load balancer, which is billed";
  const claims = input(inputs, "spec.volumeClaimTemplates");
  if (
    kind === "PersistentVolumeClaim" ||
    (kind === "StatefulSet" && claims !== undefined && !isEmpty(claims))
  )
    return "in a cluster at DigitalOcean it makes volumes, which are billed";
  if (type === "kubernetes:helm.sh/v3:Release")
    return "what the chart makes is not in the plan; load balancers and volumes would be billed";
  return undefined;
}

const isEmpty = (value: unknown) => Array.isArray(value) && value.length === 0;
