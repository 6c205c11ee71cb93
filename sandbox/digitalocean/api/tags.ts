import { z } from "zod";
import { found, parameter, readBody } from "./http/call.ts";
import { notFound, unprocessable } from "./http/errors.ts";
import { noContent, ok, page } from "./http/reply.ts";
import { route } from "./http/router.ts";
import type { Account } from "./state.ts";

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** Upper and lower case are the same tag. */
export const hasTag = (tags: string[], tag: string): boolean => tags.some((other) => same(other, tag));

const tagName = z
  .string("name is required")
  .regex(
    /^[a-zA-Z0-9_\-:]{1,255}$/,
    "Tag name may contain only letters, numbers, colons, dashes and underscores, and at most 255 characters.",
  );

/** Tags as a create body gives them: unknown ones come into being, known ones keep their first spelling. */
export function useTags(account: Account, names: string[] | undefined): string[] {
  const valid = (names ?? []).map((name) => {
    const result = tagName.safeParse(name);
    if (!result.success) throw unprocessable(result.error.issues[0]?.message ?? `${name} is no tag`);
    return result.data;
  });
  const used: string[] = [];
  for (const name of valid) {
    const known = account.tags.find((tag) => same(tag, name));
    if (known === undefined) account.tags.push(name);
    if (!hasTag(used, name)) used.push(known ?? name);
  }
  return used;
}

interface Tagged {
  uri: string;
  kind: "droplet" | "volume" | "volume_snapshot" | "image" | "database";
  id: string;
  tags: string[];
}

function taggables(account: Account): Tagged[] {
  const under = (kind: Tagged["kind"], path: string, all: { id: number | string; tags: string[] }[]) =>
    all.map((thing) => ({
      uri: `https://api.digitalocean.com/v2/${path}/${thing.id}`,
      kind,
      id: String(thing.id),
      tags: thing.tags,
    }));
  const snapshots = (kind: "volume" | "droplet") =>
    account.snapshots.filter(({ resource_type }) => resource_type === kind);
  return [
    ...under("droplet", "droplets", account.droplets),
    ...under("volume", "volumes", account.volumes),
    ...under("volume_snapshot", "snapshots", snapshots("volume")),
    ...under("image", "images", snapshots("droplet")),
  ];
}

function tagView(account: Account, name: string) {
  const tagged = taggables(account).filter(({ tags }) => hasTag(tags, name));
  const summary = (things: Tagged[]) => {
    const last = things.at(-1);
    return { count: things.length, ...(last && { last_tagged_uri: last.uri }) };
  };
  const of = (kind: Tagged["kind"]) => summary(tagged.filter((thing) => thing.kind === kind));
  return {
    name,
    resources: {
      ...summary(tagged),
      droplets: of("droplet"),
      images: of("image"),
      volumes: of("volume"),
      volume_snapshots: of("volume_snapshot"),
      databases: of("database"),
    },
  };
}

const findTag = (account: Account, name: string): string =>
  found(account.tags.find((tag) => same(tag, name)));

const resourcesBody = z.object({
  resources: z
    .array(
      z.object({
        resource_id: z.union([z.string(), z.number()]).transform(String),
        resource_type: z.enum(["droplet", "image", "volume", "volume_snapshot", "database"]),
      }),
      "resources is required",
    )
    .min(1, "resources must not be empty"),
});

/** All of them, before any of them is touched. */
function resourcesOf(account: Account, wanted: z.infer<typeof resourcesBody>["resources"]): Tagged[] {
  const known = taggables(account);
  return wanted.map(({ resource_id, resource_type }) => {
    const thing = known.find(({ kind, id }) => kind === resource_type && id === resource_id);
    if (!thing) throw notFound();
    return thing;
  });
}

export const tagRoutes = [
  route("GET", "/v2/tags", (call) =>
    page(call, "tags", call.account.tags.toSorted(), (tag) => tagView(call.account, tag)),
  ),
  route("POST", "/v2/tags", (call) => {
    const [name = ""] = useTags(call.account, [readBody(call, z.object({ name: tagName })).name]);
    return ok({ tag: tagView(call.account, name) }, 201);
  }),
  route("GET", "/v2/tags/:name", (call) =>
    ok({ tag: tagView(call.account, findTag(call.account, parameter(call, "name"))) }),
  ),
  route("DELETE", "/v2/tags/:name", (call) => {
    const { account } = call;
    const tag = findTag(account, parameter(call, "name"));
    account.tags = account.tags.filter((other) => other !== tag);
    for (const { tags } of [...taggables(account), ...account.firewalls]) drop(tags, tag);
    return noContent();
  }),
  route("POST", "/v2/tags/:name/resources", (call) => {
    const tag = findTag(call.account, parameter(call, "name"));
    for (const { tags } of resourcesOf(call.account, readBody(call, resourcesBody).resources))
      if (!hasTag(tags, tag)) tags.push(tag);
    return noContent();
  }),
  route("DELETE", "/v2/tags/:name/resources", (call) => {
    const tag = findTag(call.account, parameter(call, "name"));
    for (const { tags } of resourcesOf(call.account, readBody(call, resourcesBody).resources))
      drop(tags, tag);
    return noContent();
  }),
];

function drop(tags: string[], tag: string): void {
  const index = tags.findIndex((other) => same(other, tag));
  if (index >= 0) tags.splice(index, 1);
}
