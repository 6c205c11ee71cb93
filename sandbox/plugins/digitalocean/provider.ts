import { packageVersion } from "../../../scripts/lib/package-version.ts";
import { type Fields, type ProviderDefinition, string } from "../bridge/schema.ts";
import { DigitalOcean } from "./client.ts";
import { dnsRecord } from "./dns-record.ts";
import { domain } from "./domain.ts";
import { droplet } from "./droplet/droplet.ts";
import { firewall } from "./firewall.ts";
import { getAccount } from "./functions/account.ts";
import { getDomain } from "./functions/domain.ts";
import { getDroplet } from "./functions/droplet.ts";
import { getImage } from "./functions/image.ts";
import { getProject } from "./functions/project.ts";
import { getRegions } from "./functions/regions.ts";
import { getSizes } from "./functions/sizes.ts";
import { monitorAlert } from "./monitor-alert.ts";
import { project } from "./project.ts";
import { projectResources } from "./project-resources.ts";
import { reservedIp } from "./reserved-ip.ts";
import { reservedIpAssignment } from "./reserved-ip-assignment.ts";
import { settingsOf, withEndpoint } from "./settings.ts";
import { sshKey } from "./ssh-key.ts";
import { tag } from "./tag.ts";
import { uptimeAlert } from "./uptime-alert.ts";
import { uptimeCheck } from "./uptime-check.ts";
import { volume } from "./volume.ts";
import { volumeAttachment } from "./volume-attachment.ts";
import { volumeSnapshot } from "./volume-snapshot.ts";
import { vpc } from "./vpc.ts";

/** Numbers come as text. What belongs to Spaces is taken and not used: no bucket is among the resources. */
const config: Fields = {
  apiEndpoint: string(),
  httpRetryMax: string(),
  httpRetryWaitMax: string(),
  httpRetryWaitMin: string(),
  requestsPerSecond: string(),
  spacesAccessId: string(),
  spacesEndpoint: string(),
  spacesSecretKey: string(),
  token: string(),
};

export const digitalocean: ProviderDefinition<DigitalOcean> = {
  name: "digitalocean",
  // The plugin is of the version its SDK asks for.
  version: packageVersion("@pulumi/digitalocean"),
  config,
  checkConfig: (given) => withEndpoint(given, process.env),
  configure: async (given) => new DigitalOcean(settingsOf(given, process.env)),
  resources: {
    "digitalocean:index/dnsRecord:DnsRecord": dnsRecord,
    "digitalocean:index/domain:Domain": domain,
    "digitalocean:index/droplet:Droplet": droplet,
    "digitalocean:index/firewall:Firewall": firewall,
    "digitalocean:index/monitorAlert:MonitorAlert": monitorAlert,
    "digitalocean:index/project:Project": project,
    "digitalocean:index/projectResources:ProjectResources": projectResources,
    "digitalocean:index/reservedIp:ReservedIp": reservedIp,
    "digitalocean:index/reservedIpAssignment:ReservedIpAssignment": reservedIpAssignment,
    "digitalocean:index/sshKey:SshKey": sshKey,
    "digitalocean:index/tag:Tag": tag,
    "digitalocean:index/uptimeAlert:UptimeAlert": uptimeAlert,
    "digitalocean:index/uptimeCheck:UptimeCheck": uptimeCheck,
    "digitalocean:index/volume:Volume": volume,
    "digitalocean:index/volumeAttachment:VolumeAttachment": volumeAttachment,
    "digitalocean:index/volumeSnapshot:VolumeSnapshot": volumeSnapshot,
    "digitalocean:index/vpc:Vpc": vpc,
  },
  functions: {
    "digitalocean:index/getAccount:getAccount": getAccount,
    "digitalocean:index/getDomain:getDomain": getDomain,
    "digitalocean:index/getDroplet:getDroplet": getDroplet,
    "digitalocean:index/getImage:getImage": getImage,
    "digitalocean:index/getProject:getProject": getProject,
    "digitalocean:index/getRegions:getRegions": getRegions,
    "digitalocean:index/getSizes:getSizes": getSizes,
  },
};
