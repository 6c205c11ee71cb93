// Faults of keys that do not fit the host: what a droplet needs, and what only a droplet knows.
import type { Fault } from "./config-faults.ts";
import { isLoopback, type Parsed } from "./config-schema.ts";
import { dropletSchema, wordsForPlainHttp } from "./config-schema-droplet.ts";

/** @param secretKeys keys whose values must not be shown */
export function hostConflicts(config: Partial<Parsed>, secretKeys: ReadonlySet<string>): Fault[] {
  const faults =
    config.host === "droplet" ? dropletFaults(config) : config.host === "docker" ? strayKeys(config) : [];
  return faults.map((one) =>
    secretKeys.has(one.key.replace("atlas:", "")) ? { ...one, value: "[secret]" } : one,
  );
}

const fault = (key: string, value: unknown, reason: string, mend: string): Fault => ({
  key: `atlas:${key}`,
  value: value === undefined || value === "" ? "(not set)" : String(value),
  reason,
  mend: `pulumi config ${mend}`,
});

function dropletFaults({
  domain,
  publicUrl,
  withoutHttps,
  sshFrom,
  dnsZone,
  acmeRoot,
  acmeDirectory,
}: Partial<Parsed>): Fault[] {
  const faults: Fault[] = [];
  if (sshFrom?.length === 0)
    faults.push(
      fault(
        "sshFrom",
        "",
        "names no network: the deployment reaches the droplet by ssh, and nobody else shall",
        `set --path 'atlas:sshFrom[0]' YOUR-ADDRESS/32`,
      ),
    );
  if (domain === "" && withoutHttps === "")
    faults.push(
      fault(
        "domain",
        "",
        `is needed for HTTPS on a droplet. Without HTTPS passwords cross the internet in the clear; who wants that all the same says so: pulumi config set atlas:withoutHttps "${wordsForPlainHttp}", and names the address people type in atlas:publicUrl`,
        "set atlas:domain atlas.plant.example",
      ),
    );
  if (domain === "" && withoutHttps && (!publicUrl || isLoopback(publicUrl)))
    faults.push(
      fault(
        "publicUrl",
        publicUrl?.origin,
        "must be the name that leads to the droplet: Atlas writes it into its pages and mails",
        "set atlas:publicUrl http://atlas.plant.example",
      ),
    );
  if (domain && withoutHttps)
    faults.push(
      fault(
        "withoutHttps",
        withoutHttps,
        "contradicts atlas:domain, which brings HTTPS",
        "rm atlas:withoutHttps",
      ),
    );
  if (domain && publicUrl)
    faults.push(
      fault(
        "publicUrl",
        publicUrl.origin,
        `follows from atlas:domain: https://${domain}`,
        "rm atlas:publicUrl",
      ),
    );
  if (dnsZone && domain !== undefined && domain !== dnsZone && !domain.endsWith(`.${dnsZone}`))
    faults.push(
      fault("dnsZone", dnsZone, `does not contain atlas:domain ${domain || "(not set)"}`, "rm atlas:dnsZone"),
    );
  if (acmeRoot && acmeDirectory === "")
    faults.push(
      fault(
        "acmeRoot",
        "(a certificate)",
        "belongs to an authority that atlas:acmeDirectory names",
        "rm atlas:acmeRoot",
      ),
    );
  return faults;
}

/** A key that nothing would read, such as a domain on local Docker, is a misunderstanding. */
function strayKeys(config: Partial<Parsed>): Fault[] {
  const given = (key: keyof typeof dropletSchema) =>
    config[key] !== undefined &&
    JSON.stringify(config[key]) !== JSON.stringify(dropletSchema[key].parse(undefined));
  return (Object.keys(dropletSchema) as (keyof typeof dropletSchema)[])
    .filter(given)
    .map((key) =>
      fault(
        key,
        key === "acmeRoot" ? "(a certificate)" : config[key],
        "needs atlas:host droplet",
        `rm atlas:${key}`,
      ),
    );
}

/** Droplet and volume are named after the prefix, which by itself follows from the stack's name. */
export const nameFaults = (namePrefix: string): Fault[] =>
  /^[a-z][a-z0-9-]{0,57}[a-z0-9]$/.test(namePrefix)
    ? []
    : [
        fault(
          "namePrefix",
          namePrefix,
          "is no name for a volume at DigitalOcean: lower-case letters, digits and dashes, a letter first, at most 59",
          "set atlas:namePrefix atlas-prod",
        ),
      ];
