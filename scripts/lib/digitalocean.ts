// What is in the DigitalOcean account, looked up by the name that this project gave it.
import { request } from "undici";
import { Stop } from "./process.ts";
import type { StateResource } from "./stack-state.ts";

type Item = Record<string, unknown>;

interface Kind {
  /** Path under /v2, whose last part is also the name of the list unless `list` says otherwise. */
  path: string | ((inputs: Record<string, unknown>) => string);
  list?: string;
  /** Which of the inputs are its name, in the form in which the API gives them back. */
  same: (item: Item, inputs: Record<string, unknown>) => boolean;
  id?: (item: Item, inputs: Record<string, unknown>) => string;
}

const sameName: Kind["same"] = (item, inputs) => item.name === inputs.name;

const kinds: Record<string, Kind> = {
  "digitalocean:index/droplet:Droplet": { path: "droplets", same: sameName },
  "digitalocean:index/volume:Volume": {
    path: "volumes",
    same: (item, inputs) => item.name === inputs.name && (item.region as Item | null)?.slug === inputs.region,
  },
  "digitalocean:index/vpc:Vpc": { path: "vpcs", same: sameName },
  "digitalocean:index/tag:Tag": { path: "tags", same: sameName, id: (item) => String(item.name) },
  "digitalocean:index/firewall:Firewall": { path: "firewalls", same: sameName },
  "digitalocean:index/sshKey:SshKey": { path: "account/keys", list: "ssh_keys", same: sameName },
  "digitalocean:index/project:Project": { path: "projects", same: sameName },
  "digitalocean:index/uptimeCheck:UptimeCheck": { path: "uptime/checks", list: "checks", same: sameName },
  "digitalocean:index/dnsRecord:DnsRecord": {
    path: ({ domain }) => `domains/${domain}/records`,
    list: "domain_records",
    same: (item, inputs) =>
      item.type === inputs.type && item.name === inputs.name && item.data === inputs.value,
  },
  "digitalocean:index/monitorAlert:MonitorAlert": {
    path: "monitoring/alerts",
    list: "policies",
    same: (item, inputs) => item.description === inputs.description,
    id: (item) => String(item.uuid),
  },
};

/**
 * The id, as Pulumi writes it, of the account's object that a resource stands for; undefined where there is none, or
 * where its kind has no name.
 * @throws Stop when the API does not answer
 */
export async function findByName(
  { type, inputs = {} }: StateResource,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const kind = kinds[type];
  if (!kind) return undefined;
  const path = typeof kind.path === "string" ? kind.path : kind.path(inputs);
  const items = await all(path, kind.list ?? path, env);
  const found = items.find((item) => kind.same(item, inputs));
  return found && (kind.id?.(found, inputs) ?? String(found.id));
}

async function all(path: string, list: string, env: NodeJS.ProcessEnv): Promise<Item[]> {
  const token = env.DIGITALOCEAN_TOKEN ?? env.DIGITALOCEAN_ACCESS_TOKEN;
  if (!token)
    throw new Stop(
      "DIGITALOCEAN_TOKEN is not set: without it nobody can tell what the interrupted run left.",
    );
  const items: Item[] = [];
  let url: string | undefined =
    `${env.DIGITALOCEAN_API_URL ?? "https://api.digitalocean.com"}/v2/${path}?per_page=200`;
  while (url) {
    const { statusCode, body } = await request(url, { headers: { authorization: `Bearer ${token}` } });
    if (statusCode !== 200)
      throw new Stop(`DigitalOcean answers ${statusCode} to ${url}: ${await body.text()}`);
    const page = (await body.json()) as Item & { links?: { pages?: { next?: string } } };
    items.push(...(page[list] as Item[]));
    url = page.links?.pages?.next;
  }
  return items;
}
