// The network that the droplets of a twin share. Its name begins the names of all that the twin makes in the engine.
import { createHash } from "node:crypto";
import path from "node:path";
import { docker } from "../../../components/hosts/docker-cli.ts";

/** Of the twin whose state is in a folder. */
export const networkOf = (folder: string): string =>
  `atlas-twin-${createHash("sha256").update(path.resolve(folder)).digest("hex").slice(0, 8)}`;

/** Makes it where it is missing; returns the address that this machine has in it. */
export async function openNetwork(name: string): Promise<string> {
  if (!(await exists(name))) await docker(["network", "create", name]);
  const format = "{{(index .IPAM.Config 0).Gateway}}";
  return (await docker(["network", "inspect", "--format", format, name])).trim();
}

export async function removeNetwork(name: string): Promise<void> {
  if (await exists(name)) await docker(["network", "rm", name]);
}

const exists = async (name: string): Promise<boolean> =>
  (await docker(["network", "ls", "--format", "{{.Name}}"])).split("\n").includes(name);
