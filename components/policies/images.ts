// Images that are the same tomorrow.
import { keyOf, type PlannedResource } from "../cost/resource.ts";
import { type Finding, isFields, isUnknown, notKnown, type Policy } from "./policy.ts";

const remoteImage = "docker:index/remoteImage:RemoteImage";
const container = "docker:index/container:Container";
const smoke = "pulumi-nodejs:dynamic/atlas:Smoke";

export const imagesPinned: Policy = {
  name: "images-pinned",
  explains: "Images carry a version or a digest, so that nobody else decides what runs.",
  check(resource, all) {
    const { type, inputs } = resource;
    if (type === remoteImage) return imageFindings(inputs.name);
    // Its RemoteImage is looked at itself, and knows the name that was pulled.
    if (type === container) return usesRemoteImage(resource, all) ? [] : imageFindings(inputs.image);
    if (type !== smoke || inputs.images === undefined) return [];
    if (!isFields(inputs.images)) return [notKnown("images")];
    return Object.values(inputs.images).flatMap(imageFindings);
  },
};

const usesRemoteImage = ({ uses }: PlannedResource, all: PlannedResource[]): boolean =>
  all.some((one) => one.type === remoteImage && uses.image?.includes(keyOf(one)));

function imageFindings(reference: unknown): Finding[] {
  if (typeof reference !== "string" || isUnknown(reference)) return [notKnown("the image")];
  if (isPinned(reference)) return [];
  return [
    {
      value: reference,
      fault: "names no version: tomorrow it may be another image",
      mend: "add a version tag or a digest, such as postgres:16.13-alpine or caddy@sha256:...",
    },
  ];
}

/** A digest, an image's own id, or a tag with a number in it; a registry's port is none. */
export function isPinned(reference: string): boolean {
  if (/(^|@)sha256:[0-9a-f]{64}$/.test(reference)) return true;
  const [, tag] = (reference.split("/").at(-1) ?? "").split(":");
  return tag !== undefined && /\d/.test(tag) && !tag.startsWith("latest");
}
