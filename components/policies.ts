// What a plan may not do. Pure: resources in, violations out; nothing is fetched, nothing is changed.
import type { PlannedResource } from "./cost/resource.ts";
import { backupsOn, dataProtected } from "./policies/data.ts";
import {
  containerDoors,
  databaseDoors,
  dropletsBehindFirewalls,
  firewallDoors,
  loadBalancerDoors,
} from "./policies/doors.ts";
import { imagesPinned } from "./policies/images.ts";
import type { Policy, PolicyContext, Violation } from "./policies/policy.ts";

export type { PolicyContext, Violation } from "./policies/policy.ts";

/** In the order in which reports list them. */
export const policies: Policy[] = [
  firewallDoors,
  dropletsBehindFirewalls,
  loadBalancerDoors,
  databaseDoors,
  containerDoors,
  dataProtected,
  imagesPinned,
  backupsOn,
];

/** What is wrong with the resources; a value that is not known before the run and decides about a rule breaks it. */
export function violations(resources: PlannedResource[], context: PolicyContext): Violation[] {
  return policies.flatMap((policy) =>
    resources.flatMap((resource) =>
      policy.check(resource, resources, context).map((finding) => ({
        policy: policy.name,
        type: resource.type,
        name: resource.name,
        ...finding,
      })),
    ),
  );
}

/** One line for a terminal: what is wrong where, and what to do. */
export const violationText = ({ policy, type, name, value, fault, mend }: Violation): string =>
  `${policy}: ${name} (${type}): ${value}: ${fault}. ${mend[0]?.toUpperCase()}${mend.slice(1)}.`;
