// Where things lie on the droplet; release.sh and the first-boot script know the same places by these names.

/** Mount point of the volume: everything that must outlive the machine. */
export const dataFolder = "/var/lib/atlas";
/** The release that runs, as a link to its folder. */
export const currentRelease = `${dataFolder}/releases/current`;
/** Exists once the bootstrap has made Atlas safe to show; names the compose profile of the proxy. */
export const doorFile = `${dataFolder}/door.env`;
export const publicProfile = "public";

/** As DigitalOcean names a volume's device (digitalocean-api.md 4). */
export const deviceOf = (volume: string) => `/dev/disk/by-id/scsi-0DO_Volume_${volume}`;
