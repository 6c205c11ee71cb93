// A release as files: what Docker Compose runs on the droplet from them is what DockerHost runs without them.
import path from "node:path";
import { stringify } from "yaml";
import { type ComposeService, composeDocument, type ResolvedService } from "../compose.ts";
import { currentRelease, dataFolder, publicProfile } from "./paths.ts";

/**
 * File name -> content. Values of the services' environments, secrets among them, are in `.env` only.
 * @param options.namePrefix of containers, networks and volumes
 */
export function releaseFiles(
  services: ResolvedService[],
  { namePrefix }: { namePrefix: string },
): Record<string, string> {
  const document = composeDocument(services, { namePrefix });
  const files = services.flatMap((service) => service.files);
  const compose = {
    name: document.name,
    services: Object.fromEntries(
      services.map((service) => [service.name, onDroplet(service, document.services[service.name])]),
    ),
    networks: document.networks,
    volumes: Object.fromEntries(
      Object.entries(document.volumes).map(([name, volume]) => [name, { ...volume, ...onDataVolume(name) }]),
    ),
    configs: Object.fromEntries(
      services.flatMap((service) =>
        (document.services[service.name]?.configs ?? []).map(({ source, target }) => [
          source,
          // Through the link: the same path in each release, so that only a change of the content is a change.
          { file: `${currentRelease}/${path.basename(target)}` },
        ]),
      ),
    ),
  };
  return {
    "images.json": imagesFile(services),
    "compose.yaml": stringify(compose, { lineWidth: 0, aliasDuplicateObjects: false }),
    ".env": environmentFile(services),
    ...Object.fromEntries(files.map((file) => [path.basename(file.path), file.content])),
  };
}

/** What tells whether a release brings other versions (release.sh, ops/upgrade). */
const imagesFile = (services: ResolvedService[]): string =>
  `${JSON.stringify(Object.fromEntries(services.map(({ name, image }) => [name, image])))}\n`;

function onDroplet(service: ResolvedService, rendered: ComposeService | undefined): object {
  return {
    ...rendered,
    environment: Object.fromEntries(
      Object.keys(service.env)
        .sort()
        .map((name) => [name, `\${${variable(service.name, name)}}`]),
    ),
    healthcheck: { ...rendered?.healthcheck, start_interval: "1s" },
    // The journal keeps and bounds them (cloud-init.ts).
    logging: { driver: "journald", options: { tag: service.name } },
    // Shut until the bootstrap has replaced the well-known password.
    ...(service.name === "ingress" && { profiles: [publicProfile] }),
  };
}

/** A folder of the mounted volume; Docker refuses to start a container whose folder is missing. */
const onDataVolume = (name: string) => ({
  driver: "local",
  driver_opts: { type: "none", o: "bind", device: `${dataFolder}/volumes/${name}` },
});

const variable = (service: string, name: string) => `${service}_${name}`;

const environmentFile = (services: ResolvedService[]): string =>
  services
    .flatMap((service) =>
      Object.entries(service.env)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => `${variable(service.name, name)}=${doubleQuoted(value)}\n`),
    )
    .join("");

/** Compose's form: a backslash before what would otherwise mean something. */
const doubleQuoted = (value: string): string =>
  `"${value
    .replaceAll(/[\\"$]/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")}"`;
