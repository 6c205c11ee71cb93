// The disk image that droplets start from.
import path from "node:path";
import { buildImage, ensureDebian } from "../../images/build.ts";
import { imageMirror } from "../../images/names.ts";

const name = `${imageMirror}/droplet:debian-13-x64`;

/** Builds it where it is missing or was built from other files; returns its name. */
export async function buildDropletImage(): Promise<string> {
  await ensureDebian();
  await buildImage(name, path.join(import.meta.dirname, "image"), {}, "");
  return name;
}
