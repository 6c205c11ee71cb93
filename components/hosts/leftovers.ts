// A run that is killed between making an object and writing it down leaves one that no state knows, under a name that
// the next run needs. What carries this deployment's label and is about to be created is such a leftover; the same
// name without that label belongs to somebody else, and the engine's own refusal says so.
import * as pulumi from "@pulumi/pulumi";
import { type DockerOptions, docker } from "./docker-cli.ts";

/** Label of everything that belongs to one deployment. */
export const deploymentLabel = "org.atlas-cmms.deployment";

interface Labelled {
  name: string;
  labels: { label: string; value: string }[];
}

/** Hooks for what is about to be created. */
export interface LeftoverHooks {
  container: pulumi.ResourceHook;
  network: pulumi.ResourceHook;
  /** For a container that the bootstrap has to look at before the public may come in again. */
  door: pulumi.ResourceHook;
}

/**
 * @param name unique among the hooks of a program
 * @param publicDoor the container that lets the public in
 */
export function leftoverHooks(name: string, publicDoor: string, options: DockerOptions): LeftoverHooks {
  const hook = (kind: string, act: (found: Labelled) => Promise<void>) =>
    new pulumi.ResourceHook(`${name}-leftover-${kind}`, (args) => act(args.newInputs as Labelled));
  return {
    container: hook("container", (created) => removeContainer(created, options)),
    network: hook("network", (created) => removeNetwork(created, options)),
    door: hook("door", (created) => stopContainer({ ...created, name: publicDoor }, options)),
  };
}

const ownFilter = ({ labels }: Labelled): string[] => {
  const own = labels.find(({ label }) => label === deploymentLabel);
  return ["--filter", `label=${deploymentLabel}=${own?.value}`];
};
const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");

async function containers(filter: string[], own: Labelled, options: DockerOptions): Promise<string[]> {
  return lines(await docker(["ps", "-aq", ...filter, ...ownFilter(own)], options));
}
const named = (name: string): string[] => ["--filter", `name=^/${name}$`];

async function removeContainer(created: Labelled, options: DockerOptions): Promise<void> {
  for (const id of await containers(named(created.name), created, options))
    await docker(["rm", "--force", id], options);
}

async function stopContainer(created: Labelled, options: DockerOptions): Promise<void> {
  for (const id of await containers(named(created.name), created, options))
    await docker(["stop", id], options);
}

async function removeNetwork(created: Labelled, options: DockerOptions): Promise<void> {
  const filter = ["--filter", `name=^${created.name}$`, ...ownFilter(created)];
  for (const id of lines(await docker(["network", "ls", "-q", ...filter], options))) {
    for (const container of await containers(["--filter", `network=${id}`], created, options))
      await docker(["rm", "--force", container], options);
    await docker(["network", "rm", id], options);
  }
}
