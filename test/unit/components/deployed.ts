// A stack as it is registered with the engine, and how a test asks for it.
import { required } from "./configuration.ts";
import { inPlainNode } from "./plain-node.ts";

export interface Stack {
  /** As in the stack's file. */
  config: Record<string, string>;
  secretKeys?: string[];
  name?: string;
}

export interface Registered {
  type: string;
  name: string;
  custom: boolean;
  /** Name of its parent. */
  parent: string;
  protect: boolean;
  /** Names of what has to exist before it. */
  dependencies: string[];
  deleteBeforeReplace: boolean;
  retainOnDelete: boolean;
  /** Name of the resource that takes it along when it is deleted. */
  deletedWith: string;
  ignoreChanges: string[];
  secretOutputs: string[];
  /** Hooks before its creation. */
  hooks: string[];
  /** As sent to the engine; a secret is `{secret: value}`. */
  inputs: Record<string, unknown>;
}

export interface Deployed {
  outputs: Record<string, unknown>;
  resources: Registered[];
}

export interface Deployment extends Deployed {
  named: (name: string) => Registered;
  ofType: (type: string) => Registered[];
}

/** A configuration has keys with their project, e.g. `atlas:storage`. */
export async function deployEach<Name extends string>(
  stacks: Record<Name, Partial<Stack>>,
): Promise<Record<Name, Deployment>> {
  const asked = Object.values<Partial<Stack>>(stacks).map(({ config, ...rest }) => ({
    config: { "atlas:adminEmail": required.adminEmail, ...config },
    ...rest,
  }));
  const deployed = (await inPlainNode("deploy.ts", asked)) as Deployed[];
  const names = Object.keys(stacks);
  return Object.fromEntries(deployed.map((one, i) => [names[i], withLookup(one)])) as Record<
    Name,
    Deployment
  >;
}

function withLookup(deployed: Deployed): Deployment {
  const { resources } = deployed;
  return {
    ...deployed,
    named: (name) => {
      const found = resources.filter((resource) => resource.name === name);
      if (found.length !== 1 || !found[0])
        throw new Error(`${found.length} of ${resources.map((r) => r.name)} are named ${name}`);
      return found[0];
    },
    ofType: (type) => resources.filter((resource) => resource.type === type),
  };
}
