// IPv4 networks in CIDR form.
import { isIPv4 } from "node:net";

export interface Range {
  /** First address, as a number. */
  first: number;
  size: number;
  bits: number;
}

export const toNumber = (address: string): number =>
  address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);

export const toAddress = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");

/** Undefined for what is no network; the address must be the network's first. */
export function parseRange(text: string): Range | undefined {
  const [address = "", bitsText = "", ...rest] = text.split("/");
  const bits = Number(bitsText);
  if (!isIPv4(address) || rest.length > 0 || !/^\d{1,2}$/.test(bitsText) || bits > 32) return undefined;
  const range = { first: toNumber(address), size: 2 ** (32 - bits), bits };
  return range.first % range.size === 0 ? range : undefined;
}

export const overlap = (one: Range, other: Range): boolean =>
  one.first < other.first + other.size && other.first < one.first + one.size;

const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(known);
/** Kept by the original for its own services. */
const RESERVED = ["10.244.0.0/16", "10.245.0.0/16", "10.246.0.0/24", "10.229.0.0/16"].map(known);

export const isPrivate = (range: Range): boolean =>
  PRIVATE.some((network) => overlap(network, range) && network.bits <= range.bits);

export const isReserved = (range: Range): boolean => RESERVED.some((network) => overlap(network, range));

/** A /20 that is nobody's yet; undefined when there is none left. */
export function freeRange(taken: string[]): string | undefined {
  const networks = [...taken.map(known), ...RESERVED];
  const candidates = Array.from({ length: 40 * 16 }, (_, index) => ({
    first: toNumber("10.100.0.0") + index * 4096,
    size: 4096,
    bits: 20,
  }));
  const free = candidates.find((candidate) => !networks.some((network) => overlap(network, candidate)));
  return free && `${toAddress(free.first)}/20`;
}

export const gatewayOf = (range: string): string => toAddress(known(range).first + 1);

export const netmaskOf = (range: string): string => toAddress(2 ** 32 - known(range).size);

/** The first address after the gateway that is not taken; undefined when all are. */
export function freeHost(range: string, taken: string[]): string | undefined {
  const { first, size } = known(range);
  for (let number = first + 2; number < first + size - 1; number++)
    if (!taken.includes(toAddress(number))) return toAddress(number);
  return undefined;
}

/** @throws Error for what was looked through when it came in, and is no network all the same */
function known(text: string): Range {
  const range = parseRange(text);
  if (!range) throw new Error(`${text} is no IPv4 network.`);
  return range;
}
