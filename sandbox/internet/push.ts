// Fills the registry of a running internet with images of this machine's engine, from any process.
import path from "node:path";
import { docker } from "../../components/hosts/docker-cli.ts";
import { Stop, step } from "../../scripts/lib/process.ts";
import { registryHost } from "./names.ts";
import { readJson, runningInternet, writeJson } from "./record.ts";
import { registryFolder } from "./registry.ts";

interface Pushed {
  /** Name of an image -> id under which it was pushed last. */
  images: Record<string, string>;
  /** Images were replaced, and their layers still take room. */
  garbage: boolean;
}

const pushMs = 10 * 60_000;
const askMs = 10_000;
const manifestTypes = [
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
];

/**
 * Pushes what the registry does not hold under this id yet.
 * @param names as the droplets pull them: atlas-sandbox.invalid/...
 * @returns the names that were pushed
 */
export async function pushImages(folder: string, names: string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const ids = await imageIds(names);
  const { registryPort } = runningInternet(folder);
  const { images } = readPushed(folder);
  const pushed: string[] = [];
  for (const name of names) {
    if (images[name] === ids.get(name) && (await digestThere(registryPort, name))) continue;
    await step(`Pushing ${name} to the sandbox's registry`, () => pushImage(folder, name));
    pushed.push(name);
  }
  return pushed;
}

/** Pushes one image in any case. */
export async function pushImage(folder: string, name: string): Promise<void> {
  const { registryPort } = runningInternet(folder);
  const { repository, tag } = partsOf(name);
  const id = (await imageIds([name])).get(name) ?? "";
  const former = await digestThere(registryPort, name);
  const loopbackName = `127.0.0.1:${registryPort}/${repository}:${tag}`;
  await docker(["image", "tag", name, loopbackName]);
  try {
    await docker(["push", "--quiet", loopbackName], { timeoutMs: pushMs });
  } finally {
    await docker(["image", "rm", loopbackName]);
  }
  const { images, garbage } = readPushed(folder);
  const replaced = former !== undefined && former !== (await digestThere(registryPort, name));
  const dropped = replaced && !sharesImage(images, name);
  if (dropped) await deleteManifest(registryPort, repository, former);
  writeJson(pushedFile(folder), { images: { ...images, [name]: id }, garbage: garbage || dropped });
}

/** Whether another tag of the repository stands for the image that this name stood for. */
function sharesImage(images: Record<string, string>, name: string): boolean {
  const { repository } = partsOf(name);
  return Object.entries(images).some(
    ([other, id]) => other !== name && id === images[name] && partsOf(other).repository === repository,
  );
}

export const hasGarbage = (folder: string): boolean => readPushed(folder).garbage;

export function forgetGarbage(folder: string): void {
  const pushed = readPushed(folder);
  if (pushed.garbage) writeJson(pushedFile(folder), { ...pushed, garbage: false });
}

/** Beside the blobs, so that the memory goes when they go. */
const pushedFile = (folder: string): string => path.join(registryFolder(folder), "pushed.json");

const readPushed = (folder: string): Pushed =>
  readJson<Pushed>(pushedFile(folder)) ?? { images: {}, garbage: false };

/** @throws Stop for a name that no droplet could pull from this registry */
export function partsOf(name: string): { repository: string; tag: string } {
  const [, repository, tag = "latest"] =
    new RegExp(`^${registryHost}/([^:@]+)(?::([\\w.-]+))?$`).exec(name) ?? [];
  if (!repository)
    throw new Stop(
      `The sandbox's registry takes images named ${registryHost}/REPOSITORY[:TAG], not ${name}. Give it such a name first: docker tag ${name} ${registryHost}/...`,
    );
  return { repository, tag };
}

/** @throws DockerError naming an image that the engine does not have */
async function imageIds(names: string[]): Promise<Map<string, string>> {
  const lines = await docker(["image", "inspect", "--format", "{{.Id}}", ...names]);
  return new Map(
    lines
      .trim()
      .split("\n")
      .map((id, index) => [names[index] ?? "", id]),
  );
}

/** Digest of the manifest that a name stands for in the registry. */
async function digestThere(port: number, name: string): Promise<string | undefined> {
  const { repository, tag } = partsOf(name);
  const response = await fetch(manifestUrl(port, repository, tag), {
    method: "HEAD",
    headers: { accept: manifestTypes.join(", ") },
    signal: AbortSignal.timeout(askMs),
  });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Stop(`The sandbox's registry answers ${response.status} about ${name}.`);
  return response.headers.get("docker-content-digest") ?? undefined;
}

/** Its layers go when the registry starts the next time: only then nobody can be about to use them. */
async function deleteManifest(port: number, repository: string, digest: string): Promise<void> {
  const url = manifestUrl(port, repository, digest);
  const response = await fetch(url, { method: "DELETE", signal: AbortSignal.timeout(askMs) });
  if (!response.ok && response.status !== 404)
    throw new Stop(`The sandbox's registry answers ${response.status} to DELETE ${url}.`);
}

const manifestUrl = (port: number, repository: string, reference: string): string =>
  `http://127.0.0.1:${port}/v2/${repository}/manifests/${reference}`;
