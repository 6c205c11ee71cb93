// What holds data, what is lost with it, and how production keeps it.
import { isUnknown, notKnown, type Policy } from "./policy.ts";

interface Holding {
  /** What is gone for good when it is deleted or replaced. */
  loses: string;
  /** Must be protected in production; the others come and go by design. */
  protect: boolean;
}

const holdings: Record<string, Holding> = {
  "digitalocean:index/volume:Volume": { loses: "everything on the volume", protect: true },
  "digitalocean:index/reservedIp:ReservedIp": {
    loses: "the address, to which DNS records and other people's firewalls lead; nobody gets it back",
    protect: true,
  },
  "digitalocean:index/databaseCluster:DatabaseCluster": {
    loses: "all databases of the cluster, and its backups with it",
    protect: true,
  },
  "digitalocean:index/spacesBucket:SpacesBucket": { loses: "all files in the bucket", protect: true },
  "docker:index/volume:Volume": { loses: "everything in the volume", protect: true },
  "pulumi-nodejs:dynamic/atlas:GeneratedSecret": {
    loses: "the generated password or key, without which kept data may be out of reach",
    protect: true,
  },
  "digitalocean:index/droplet:Droplet": {
    loses: "the droplet's own disk; attached volumes stay",
    protect: false,
  },
  "digitalocean:index/databaseDb:DatabaseDb": { loses: "all tables of the database", protect: false },
  "digitalocean:index/databaseReplica:DatabaseReplica": {
    loses: "the replica; the cluster that it follows keeps the data",
    protect: false,
  },
  "digitalocean:index/volumeSnapshot:VolumeSnapshot": {
    loses: "the snapshot, and with it that state of the volume",
    protect: false,
  },
  "digitalocean:index/dropletSnapshot:DropletSnapshot": {
    loses: "the snapshot, and with it that state of the droplet",
    protect: false,
  },
  "digitalocean:index/spacesBucketObject:SpacesBucketObject": { loses: "the file", protect: false },
  "digitalocean:index/kubernetesCluster:KubernetesCluster": {
    loses: "what runs in the cluster, with the settings and secrets in it",
    protect: false,
  },
  "digitalocean:index/containerRegistry:ContainerRegistry": {
    loses: "all images in the registry",
    protect: false,
  },
};

/** What is gone for good with a resource of this type; undefined where nothing is. */
export const lossOf = (type: string): string | undefined => holdings[type]?.loses;

/** Production does not part with it. */
export const isIrreplaceable = (type: string): boolean => holdings[type]?.protect === true;

export const dataProtected: Policy = {
  name: "data-protected",
  explains: "In production what holds data is protected from deletion.",
  check({ type, protect }, _all, { production }) {
    if (!production || protect || !isIrreplaceable(type)) return [];
    return [
      {
        value: "protect false",
        fault: `a change in passing could delete it: it would take ${lossOf(type)}`,
        mend: "set the resource option protect: true",
      },
    ];
  },
};

const shortestWaiver = 10;

export const backupsOn: Policy = {
  name: "backups-on",
  explains: "In production droplets have backups, or somebody says in words why not.",
  check({ type, inputs }, _all, { production, backupsWaiver = "" }) {
    if (!production || type !== "digitalocean:index/droplet:Droplet") return [];
    if (inputs.backups === true || backupsWaiver.trim().length >= shortestWaiver) return [];
    if (isUnknown(inputs.backups)) return [notKnown("backups")];
    return [
      {
        value: backupsWaiver.trim() ? `backups off, waived with "${backupsWaiver.trim()}"` : "backups off",
        fault: "a broken droplet cannot be brought back",
        mend: `set atlas:backups weekly, or say why not in atlas:backupsWaiver (at least ${shortestWaiver} characters)`,
      },
    ];
  },
};
