// What of a stack is in the Docker engine, and what happens there.
import { spawn } from "node:child_process";
import { docker } from "../../components/hosts/docker-cli.ts";

export interface EngineObjects {
  containers: string[];
  networks: string[];
  volumes: string[];
}

/** Names after the prefix and its dash, sorted. */
export async function engineObjects(prefix: string): Promise<EngineObjects> {
  const names = async (...args: string[]) =>
    (await docker(args))
      .split("\n")
      .filter((name) => name.startsWith(`${prefix}-`))
      .map((name) => name.slice(prefix.length + 1))
      .sort();
  return {
    containers: await names("ps", "-a", "--format", "{{.Names}}"),
    networks: await names("network", "ls", "--format", "{{.Name}}"),
    volumes: await names("volume", "ls", "--format", "{{.Name}}"),
  };
}

export const noObjects: EngineObjects = { containers: [], networks: [], volumes: [] };
/** Of a deployment without the object store. */
export const allObjects: EngineObjects = {
  containers: ["backend", "frontend", "ingress", "postgres"],
  networks: ["data", "web"],
  volumes: ["postgres"],
};

/** Service -> when its container was last started, of those that run. */
export async function starts(prefix: string): Promise<Record<string, string>> {
  const list = await docker(["ps", "--filter", `name=^/${prefix}-`, "--format", "{{.Names}}"]);
  const containers = list.split("\n").filter(Boolean).sort();
  const started = await Promise.all(
    containers.map((name) => docker(["inspect", "--format", "{{.State.StartedAt}}", name])),
  );
  return Object.fromEntries(
    containers.map((name, at) => [name.slice(prefix.length + 1), started[at]?.trim() ?? ""]),
  );
}

/** Resolves when the engine reports an event: `TYPE ACTION NAME`, such as `container create atlas-dev-backend`. */
export function engineEvent(event: string, seconds: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      "docker",
      ["events", "--format", "{{.Type}} {{.Action}} {{.Actor.Attributes.name}}"],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const timer = setTimeout(() => child.kill(), seconds * 1000);
    let seen = "";
    let happened = false;
    child.stdout.on("data", (chunk: Buffer) => {
      seen += chunk.toString();
      if (!seen.split("\n").includes(event)) return;
      happened = true;
      resolve();
      child.kill();
    });
    child.once("error", reject);
    child.once("close", () => {
      clearTimeout(timer);
      if (!happened) reject(new Error(`waited ${seconds} s for the engine's event "${event}"`));
    });
  });
}
