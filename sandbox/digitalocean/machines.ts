// What stands between the API and the machines: the API keeps the account's books, Machines makes things real.

export interface DropletSpec {
  id: number;
  name: string;
  userData: string;
  /** OpenSSH lines for root. */
  publicKeys: string[];
  /** The droplet's own address, out of the loopback network. */
  publicAddress: string;
  memoryMiB: number;
  vcpus: number;
}

export interface VolumeSpec {
  /** UUID. */
  id: string;
  name: string;
  gibibytes: number;
  /** Empty means unformatted. */
  filesystem: "" | "ext4" | "xfs";
  label: string;
}

/** What a cloud firewall lets in. Ports are inclusive; icmp is not looked at. */
export interface InboundRule {
  protocol: "tcp" | "udp";
  from: number;
  to: number;
  /** IPv4 networks in CIDR form. */
  sources: string[];
}

export type PowerAct = "power_on" | "power_off" | "shutdown" | "reboot" | "power_cycle";

/**
 * Droplets that boot, disks that hold data, addresses that answer. Every call may be repeated and ends in the state
 * that it names; failures reject with an Error whose message says what the machine said.
 */
export interface Machines {
  /** Resolves when the droplet's init runs (what the API calls active), long before its user data is done. */
  createDroplet(spec: DropletSpec): Promise<void>;
  destroyDroplet(id: number): Promise<void>;
  power(id: number, act: PowerAct): Promise<void>;
  isRunning(id: number): Promise<boolean>;
  /** Takes effect at once or with the next power_on. */
  resizeDroplet(id: number, size: { memoryMiB: number; vcpus: number }): Promise<void>;

  createVolume(spec: VolumeSpec): Promise<void>;
  destroyVolume(id: string): Promise<void>;
  /** The disk grows; the file system in it does not. */
  resizeVolume(id: string, gibibytes: number): Promise<void>;
  /** The disk appears in the droplet under /dev/disk/by-id/scsi-0DO_Volume_NAME, also after each boot. */
  attachVolume(id: string, dropletId: number): Promise<void>;
  detachVolume(id: string, dropletId: number): Promise<void>;

  /** Lets a reserved address answer for a droplet; undefined takes it away. */
  assignAddress(address: string, dropletId: number | undefined): Promise<void>;
  /** Undefined: no firewall, so that every port answers that somebody listens on. An empty list closes all. */
  setFirewall(dropletId: number, rules: InboundRule[] | undefined): Promise<void>;

  /** Stops forwarding and lets go of what this process holds; droplets and disks stay as they are. */
  close(): Promise<void>;
}
