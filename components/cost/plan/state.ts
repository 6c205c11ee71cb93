// Reads what a stack has off its state, as `pulumi stack export` prints it (apitype.DeploymentV3 of Pulumi's Go SDK).
import { z } from "zod";
import type { PlannedResource } from "../resource.ts";
import {
  assertResourceState,
  isManaged,
  isObject,
  plannedResource,
  type ResourceState,
} from "./resource-state.ts";

/** Versions 3 and 4 differ in what they may hold besides; a state without resources has no list of them. */
const exported = z.object({
  version: z.literal([3, 4]),
  deployment: z.object({ resources: z.array(z.unknown()).default([]) }),
});

/**
 * The resources of a state, in its order, with what an interrupted replacement has left to be deleted, and without what
 * it has deleted already. Left out are components, providers and what is only read (`external`): whoever manages it
 * pays for it. What an interrupted run may have made without hearing of it (`pending_operations`) is not known.
 * @param json the parsed output of `pulumi stack export`
 * @throws Error where it is something else
 */
export function readState(json: unknown): PlannedResource[] {
  if (isObject(json) && "checkpoint" in json)
    throw new Error("this is a file of Pulumi's backend: take what pulumi stack export prints");
  const { data, error } = exported.safeParse(json);
  if (error) throw new Error(`not what pulumi stack export prints:\n${z.prettifyError(error)}`);
  return data.deployment.resources
    .map(checked)
    .filter((resource) => isManaged(resource) && !resource.pendingReplacement)
    .map((resource) => plannedResource(resource));
}

function checked(resource: unknown, index: number): ResourceState {
  assertResourceState(resource, () => `deployment.resources[${index}]`);
  return resource;
}
