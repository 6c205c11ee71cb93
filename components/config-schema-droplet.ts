// What the keys of a deployment on a DigitalOcean droplet may hold.
import { z } from "zod";
import { flag, integer, jsonObject } from "./config-schema-parts.ts";

/** What somebody must write to run without HTTPS on a droplet. */
export const wordsForPlainHttp = "passwords cross the network unencrypted";

const hostName = z
  .string()
  .toLowerCase()
  .regex(
    /^$|^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/,
    "must be a full name such as atlas.plant.example, without scheme, port and path",
  )
  .prefault("");

const network = z
  .union([z.cidrv4(), z.cidrv6()], "must be a network such as 203.0.113.7/32")
  .refine(
    (cidr) => !cidr.endsWith("/0"),
    "lets the whole world try passwords and keys: name your own networks",
  );

const slug = (what: string, example: string) =>
  z.string().regex(/^[a-z0-9][a-z0-9-]*$/, `must be a ${what} of DigitalOcean, such as ${example}`);

/** By key, without the `atlas:` prefix. Prices and limits: docs/production.md. */
export const dropletSchema = {
  domain: hostName,
  dnsZone: hostName,
  withoutHttps: z
    .literal(["", wordsForPlainHttp], `must be left empty, or be these words: ${wordsForPlainHttp}`)
    .prefault(""),
  sshFrom: jsonObject(z.array(network, "must be a list: set single entries with --path"), "[]").prefault(""),
  region: slug("region", "fra1").prefault("fra1"),
  dropletSize: slug("droplet size", "s-2vcpu-4gb").prefault("s-2vcpu-4gb"),
  dropletImage: slug("Debian 13 image", "debian-13-x64").prefault("debian-13-x64"),
  volumeSize: integer(1, 16_384).prefault("20"),
  backups: z.enum(["off", "weekly", "daily"], "must be off, weekly or daily").prefault("weekly"),
  backupsWaiver: z
    .string()
    .trim()
    .regex(/^$|.{10}/s, "must say in a few words why backups are not needed")
    .prefault(""),
  alertEmail: z.union([z.literal(""), z.email("must be an e-mail address")]).prefault(""),
  acmeDirectory: z
    .union([z.literal(""), z.url({ protocol: /^https$/, error: "must be an https address" })])
    .prefault(""),
  acmeRoot: z
    .string()
    .regex(
      /^$|^-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\s*$/,
      "must be a certificate as PEM text",
    )
    .prefault(""),
  replaceDroplet: flag.prefault("false"),
};

/** What comes with a droplet where configuration does not say. */
export const dropletDefaults = {
  volumeGiB: dropletSchema.volumeSize.parse(undefined),
  backups: dropletSchema.backups.parse(undefined),
};
