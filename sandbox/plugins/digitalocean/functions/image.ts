import { text } from "../../bridge/props.ts";
import { boolean, type FunctionDefinition, list, number, type Props, string } from "../../bridge/schema.ts";
import { isSet } from "../../bridge/values.ts";
import { notEmpty, oneOf } from "../checks.ts";
import type { DigitalOcean } from "../client.ts";
import { calling } from "../errors.ts";
import { exactlyOne, only } from "./one.ts";

interface Image {
  id: number;
  name: string;
  type: string;
  distribution: string;
  slug: string | null;
  public: boolean;
  regions: string[];
  created_at: string;
  min_disk_size: number;
  size_gigabytes: number;
  description?: string | null;
  tags?: string[] | null;
  status: string;
  error_message?: string;
}

/** Which list a name is looked up in. */
const SOURCES: Record<string, string> = {
  all: "images",
  distributions: "images?type=distribution",
  applications: "images?type=application",
  user: "images?private=true",
};

export const getImage: FunctionDefinition<DigitalOcean> = {
  inputs: {
    id: number({ validate: notEmpty }),
    name: string({ validate: notEmpty }),
    slug: string({ validate: notEmpty }),
    source: string({ validate: oneOf(Object.keys(SOURCES), true) }),
  },
  outputs: {
    created: string(),
    description: string(),
    distribution: string(),
    errorMessage: string(),
    image: string(),
    minDiskSize: number(),
    private: boolean(),
    regions: list(string()),
    sizeGigabytes: number(),
    status: string(),
    tags: list(string()),
    type: string(),
  },
  async call({ client }, args) {
    exactlyOne(args, ["id", "name", "slug"]);
    return imageState(isSet(args.name) ? await byName(client, args) : await byKey(client, args));
  },
};

async function byName(client: DigitalOcean, { name, source }: Props): Promise<Image> {
  const path = SOURCES[text(source).toLowerCase() || "user"] ?? "images";
  const images = await calling("Error retrieving images", () => client.list<Image>(path, "images"));
  return only(
    images.filter((image) => image.name === name),
    "image",
    `name ${name}`,
  );
}

async function byKey(client: DigitalOcean, { id, slug }: Props): Promise<Image> {
  const what = isSet(id) ? `image ID ${id} not found` : "image not found";
  return (await calling(what, () => client.get<{ image: Image }>(`images/${id ?? slug}`))).image;
}

function imageState(image: Image): Props {
  return {
    id: image.id,
    name: image.name,
    type: image.type,
    distribution: image.distribution,
    slug: image.slug ?? "",
    private: !image.public,
    minDiskSize: image.min_disk_size,
    sizeGigabytes: image.size_gigabytes,
    created: image.created_at,
    regions: image.regions,
    tags: image.tags ?? [],
    status: image.status,
    errorMessage: image.error_message ?? "",
    description: image.description ?? "",
    image: String(image.id),
  };
}
