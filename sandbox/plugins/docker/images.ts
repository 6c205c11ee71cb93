import type Docker from "dockerode";
import type { ImageInspectInfo } from "dockerode";
import { calling, lookUp, messageOf } from "./engine.ts";

/** The image of that name or id: the engine's own, else pulled. */
export async function findImage(client: Docker, name: string, platform = ""): Promise<ImageInspectInfo> {
  if (name === "") throw new Error("empty image name is not allowed");
  const local = await localImage(client, name);
  if (local !== undefined) return local;

  await calling(`unable to pull image ${name}`, () => pullImage(client, name, platform));
  const pulled = await localImage(client, name);
  if (pulled === undefined) throw new Error(`unable to find or pull image ${name}`);
  return pulled;
}

export async function localImage(client: Docker, name: string): Promise<ImageInspectInfo | undefined> {
  return lookUp(() => client.getImage(name).inspect());
}

/** The digest a registry knows the image by; "" for one that exists only here. */
export function repoDigestOf(name: string, image: ImageInspectInfo): string {
  const repository = withoutTag(name);
  const digests = image.RepoDigests ?? [];
  return digests.find((digest) => digest.split("@", 1)[0] === repository) ?? "";
}

function withoutTag(name: string): string {
  const untagged = (name.split("@", 1)[0] ?? name).replace(/:[^:/]*$/, "");
  return untagged.replace(/^(docker\.io\/)?(library\/)?/, "");
}

async function pullImage(client: Docker, name: string, platform: string): Promise<void> {
  try {
    const progress = await client.pull(name, platform === "" ? {} : { platform });
    // What goes wrong within the stream shows when the image is looked up afterwards.
    await new Promise<void>((resolve) => client.modem.followProgress(progress, () => resolve()));
  } catch (cause) {
    throw new Error(`error pulling image ${name}: ${messageOf(cause)}`, { cause });
  }
}
