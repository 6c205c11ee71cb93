import type { Project } from "./api.ts";
import type { DigitalOcean } from "./client.ts";
import { calling } from "./errors.ts";

export async function findProject(client: DigitalOcean, id: string): Promise<Project> {
  return (await client.get<{ project: Project }>(`projects/${id}`)).project;
}

export async function membersOf(client: DigitalOcean, id: string): Promise<string[]> {
  const members = await calling("Error loading project resources", () =>
    client.list<{ urn: string }>(`projects/${id}/resources`, "resources"),
  );
  return members.map(({ urn }) => urn);
}

/** Nothing is ever without a project: what leaves one goes to the default project. */
export async function moveMembers(
  client: DigitalOcean,
  id: string,
  old: string[],
  wanted: string[],
): Promise<void> {
  const gone = old.filter((urn) => !wanted.includes(urn));
  const fresh = wanted.filter((urn) => !old.includes(urn));
  if (gone.length > 0) await toDefaultProject(client, gone);
  if (fresh.length > 0) await assignMembers(client, id, fresh);
}

export function toDefaultProject(client: DigitalOcean, members: string[]): Promise<void> {
  return calling("Error assigning resources to default project", async () => {
    const project = await calling("Error locating default project", () => findProject(client, "default"));
    await assignMembers(client, project.id, members);
  });
}

export async function assignMembers(client: DigitalOcean, id: string, members: string[]): Promise<void> {
  await calling("Error assigning resources", () =>
    client.post(`projects/${id}/resources`, { resources: members.filter((urn) => urn !== "") }),
  );
}
