// Images that nothing needs any more.
import { docker } from "../docker.ts";
import { type Log, messageOf } from "../log.ts";
import type { Versions } from "./versions.ts";

/** What serves, and what going back takes. */
export const neededImages = ({ serving = {}, before, pending }: Versions): Set<string> =>
  new Set(
    [serving, before?.images ?? {}, pending?.to ?? {}, pending?.from.images ?? {}].flatMap(Object.values),
  );

/**
 * Removes the images of earlier versions. One that a container of somebody else's uses stays.
 * @returns the images that are still there
 */
export async function unusedImages(now: Versions, log: Log): Promise<string[]> {
  const needed = neededImages(now);
  const kept: string[] = [];
  for (const image of now.pulled) if (needed.has(image) || !(await removed(image, log))) kept.push(image);
  return kept;
}

async function removed(image: string, log: Log): Promise<boolean> {
  const there = await docker(["image", "ls", "--quiet", image]);
  if (there.trim() === "") return true;
  try {
    await docker(["image", "rm", image]);
    log.info("removed an image that nothing needs any more", { image });
    return true;
  } catch (error) {
    log.info("keeps an image", { image, why: messageOf(error) });
    return false;
  }
}
