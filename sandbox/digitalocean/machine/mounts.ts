// Where a disk is mounted, as the kernel tells in /proc/PID/mountinfo.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface Mount {
  device: string;
  point: string;
  /** It goes where another mount namespace unmounts it. */
  follows: boolean;
}

/** Lines like `36 35 7:0 / /mnt/data rw,noatime shared:1 master:2 - ext4 /dev/loop0 rw`. */
export function parseMounts(mountinfo: string): Mount[] {
  return mountinfo
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split(" "))
    .map(([, , device = "", , point = "", , ...optional]) => ({
      device,
      point: point.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))),
      follows: optional.slice(0, optional.indexOf("-")).some((field) => field.startsWith("master:")),
    }));
}

export interface DiskUse {
  /** Mount points in the droplet's own namespace. */
  points: string[];
  /** Whether a container inside holds a mount that does not follow. */
  heldElsewhere: boolean;
}

/** How the machine of that init uses a loop device. */
export function diskUse(initPid: number, loop: string): DiskUse {
  const device = `7:${loop.slice("/dev/loop".length)}`;
  const mountsOf = (pid: number | string) =>
    parseMounts(read(`/proc/${pid}/mountinfo`)).filter((mount) => mount.device === device);
  const namespace = namespaceOf(initPid);
  const own = mountsOf(initPid);
  // Later mounts may lie on earlier ones.
  const points = own.map(({ point }) => point).reverse();
  const heldElsewhere = readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && mountsOf(entry).some(({ follows }) => !follows))
    .some((pid) => namespaceOf(pid) !== namespace);
  return { points, heldElsewhere };
}

const namespaceOf = (pid: number | string): string => ifThere(() => readlinkSync(`/proc/${pid}/ns/mnt`));
const read = (file: string): string => ifThere(() => readFileSync(file, "utf8"));

/** Empty where the process has ended. */
function ifThere(look: () => string): string {
  try {
    return look();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH" || code === "EINVAL") return "";
    throw error;
  }
}
