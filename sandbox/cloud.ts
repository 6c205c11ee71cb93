// The twin of DigitalOcean as a stack sees it: an account of its own, with the domain that it names already in it.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { imageFor } from "../components/services/images.ts";
import { serviceNames } from "../components/services/service.ts";
import { localFolder } from "../scripts/lib/root.ts";
import { configured } from "../scripts/lib/stack-file.ts";
import { startTwin, type TwinInfo, twinInfo } from "./digitalocean/start.ts";
import { imageMirror } from "./images/names.ts";
import { pushImages } from "./internet/push.ts";

export const twinFolder = path.join(localFolder, "sandbox/digitalocean");

/** Starts the twin where it does not run, gives it the images, and opens the stack's account. */
export async function prepareCloud(stack: string): Promise<void> {
  const twin = await startTwin(twinFolder);
  const images = serviceNames.map((service) => imageFor(service, { images: {}, imageMirror }));
  await pushImages(twinFolder, images);
  const zone = configured(stack, "dnsZone");
  if (zone) await addDomain(twin, stack, zone);
}

/** For commands that look at what an up has made: its droplets may have to be taken up again. */
export const resumeCloud = (): Promise<TwinInfo> => startTwin(twinFolder);

/** What makes the DigitalOcean provider and the certificate authority those of the twin. */
export function cloudEnvironment(stack: string): NodeJS.ProcessEnv {
  const twin = twinInfo(twinFolder);
  if (!twin) return {};
  return {
    DIGITALOCEAN_API_URL: twin.url,
    DIGITALOCEAN_TOKEN: tokenOf(stack),
    ATLAS_CONFIG_SSH_FROM: JSON.stringify(["127.0.0.0/8"]),
    ATLAS_CONFIG_ACME_DIRECTORY: twin.internet.acmeDirectory,
    ...(existsSync(twin.internet.rootCertificateFile) && {
      ATLAS_CONFIG_ACME_ROOT: readFileSync(twin.internet.rootCertificateFile, "utf8"),
    }),
  };
}

/** Each stack has an account of its own, so that none sees what another made. */
export const tokenOf = (stack: string): string =>
  `dop_v1_${createHash("sha256").update(`${twinFolder}\0${stack}`).digest("hex")}`;

/** As somebody does once in the control panel. */
async function addDomain({ url }: TwinInfo, stack: string, name: string): Promise<void> {
  const answer = await fetch(`${url}/v2/domains`, {
    method: "POST",
    headers: { authorization: `Bearer ${tokenOf(stack)}`, "content-type": "application/json" },
    body: JSON.stringify({ name }),
  });
  // 422: it is there already.
  if (!answer.ok && answer.status !== 422)
    throw new Error(`domain ${name}: ${answer.status} ${await answer.text()}`);
}
