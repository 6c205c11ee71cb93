import { texts } from "../bridge/props.ts";
import { type Context, type Props, set, string } from "../bridge/schema.ts";
import type { Tag } from "./api.ts";
import { lowerCase, sameText } from "./checks.ts";
import type { DigitalOcean } from "./client.ts";
import { calling } from "./errors.ts";

export function tagName(value: unknown): string | undefined {
  if (/^[a-zA-Z0-9:\-_]{1,255}$/.test(String(value))) return undefined;
  return "tags may contain lowercase letters, numbers, colons, dashes, and underscores; there is a limit of 255 characters per tag";
}

/** The spelling of a tag's first use stays, so a tag is the same in any case. */
export const tags = set(string({ validate: tagName, same: sameText((text) => String(lowerCase(text))) }));

type Kind = "droplet" | "volume" | "volume_snapshot";

/** Tags that are no longer wanted go first; the others are made where they do not exist, and put on. */
export async function changeTags(
  { client }: Context<DigitalOcean>,
  kind: Kind,
  id: string,
  old: Props,
  inputs: Props,
): Promise<void> {
  const [before, after] = [texts(old.tags), texts(inputs.tags)];
  const resources = [{ resource_id: id, resource_type: kind }];
  const onTag = (name: string) => `tags/${encodeURIComponent(name)}/resources`;
  await calling("Error updating tags", async () => {
    for (const name of before.filter((tag) => !after.includes(tag)))
      await client.delete(onTag(name), { resources });
    for (const name of after.filter((tag) => !before.includes(tag))) {
      const { tag } = await client.post<{ tag: Tag }>("tags", { name });
      await client.post(onTag(tag.name), { resources });
    }
  });
}
