// What can be bought, and where: facts about the original, the same for every account.
import { PIECEWISE_PLANS, PLANS } from "./plans.ts";

interface RegionFact {
  slug: string;
  name: string;
  plans: typeof PLANS;
}

const REGION_FACTS: RegionFact[] = [
  { slug: "nyc1", name: "New York 1", plans: PLANS },
  { slug: "nyc2", name: "New York 2", plans: [] },
  { slug: "nyc3", name: "New York 3", plans: PLANS },
  { slug: "ams2", name: "Amsterdam 2", plans: [] },
  { slug: "ams3", name: "Amsterdam 3", plans: PLANS },
  { slug: "sfo1", name: "San Francisco 1", plans: [] },
  { slug: "sfo2", name: "San Francisco 2", plans: PLANS },
  { slug: "sfo3", name: "San Francisco 3", plans: PLANS },
  { slug: "sgp1", name: "Singapore 1", plans: PLANS },
  { slug: "lon1", name: "London 1", plans: PLANS },
  { slug: "fra1", name: "Frankfurt 1", plans: PLANS },
  { slug: "tor1", name: "Toronto 1", plans: PLANS },
  { slug: "blr1", name: "Bangalore 1", plans: PLANS },
  { slug: "syd1", name: "Sydney 1", plans: PLANS },
  { slug: "atl1", name: "Atlanta 1", plans: [...PLANS, ...PIECEWISE_PLANS] },
  { slug: "ric1", name: "Richmond 1", plans: PIECEWISE_PLANS },
  { slug: "mkc1", name: "Kansas City 1", plans: PIECEWISE_PLANS },
  { slug: "mem1", name: "Memphis 1", plans: PIECEWISE_PLANS },
];

export interface Region {
  slug: string;
  name: string;
  sizes: string[];
  features: string[];
  /** False where nothing new can be made any more. */
  available: boolean;
}

export const REGIONS: Region[] = REGION_FACTS.map(({ slug, name, plans }) => ({
  slug,
  name,
  sizes: plans.map(([size]) => size),
  features: ["backups", "ipv6", "metadata", "install_agent", "storage", "image_transfer"],
  available: plans.length > 0,
}));

export interface Size {
  slug: string;
  memory: number;
  vcpus: number;
  disk: number;
  transfer: number;
  price_monthly: number;
  price_hourly: number;
  regions: string[];
  available: boolean;
  description: string;
}

export const SIZES: Size[] = [...PLANS, ...PIECEWISE_PLANS].map(
  ([slug, description, memory, vcpus, disk, transfer, price_monthly, price_hourly]) => ({
    slug,
    memory,
    vcpus,
    disk,
    transfer,
    price_monthly,
    price_hourly,
    regions: REGIONS.filter((region) => region.sizes.includes(slug)).map((region) => region.slug),
    available: true,
    description,
  }),
);

export interface Image {
  id: number;
  name: string;
  distribution: string;
  slug: string;
  public: boolean;
  regions: string[];
  created_at: string;
  min_disk_size: number;
  type: string;
  size_gigabytes: number;
  description: string;
  tags: string[];
  status: string;
}

const IMAGE_FACTS: [id: number, slug: string, distribution: string, name: string, minDisk: number][] = [
  [195932981, "debian-12-x64", "Debian", "12 x64", 7],
  [207451230, "debian-13-x64", "Debian", "13 x64", 7],
  [155133621, "ubuntu-22-04-x64", "Ubuntu", "22.04 (LTS) x64", 7],
  [195932991, "ubuntu-24-04-x64", "Ubuntu", "24.04 (LTS) x64", 7],
  [195903204, "rockylinux-9-x64", "Rocky Linux", "9 x64", 10],
  [194447152, "almalinux-9-x64", "AlmaLinux", "9 x64", 10],
  [195937421, "fedora-42-x64", "Fedora", "42 x64", 15],
];

export const IMAGES: Image[] = IMAGE_FACTS.map(([id, slug, distribution, name, min_disk_size]) => ({
  id,
  name,
  distribution,
  slug,
  public: true,
  regions: REGIONS.map((region) => region.slug),
  created_at: "2025-10-01T12:00:00Z",
  min_disk_size,
  type: "base",
  size_gigabytes: 0.6,
  description: `${distribution} ${name}`,
  tags: [],
  status: "available",
}));

export const findRegion = (slug: string): Region | undefined =>
  REGIONS.find((region) => region.slug === slug);

export const findSize = (slug: string): Size | undefined => SIZES.find((size) => size.slug === slug);

/** @param reference a slug, or an id as number or text */
export const findImage = (reference: string | number): Image | undefined =>
  IMAGES.find((image) => image.slug === reference || String(image.id) === String(reference));

/** @throws Error for a slug that never was in the books: everything stored was looked up when it came in */
export function regionOf(slug: string): Region {
  const region = findRegion(slug);
  if (!region) throw new Error(`The books name the region ${slug}, which the catalogue does not have.`);
  return region;
}
