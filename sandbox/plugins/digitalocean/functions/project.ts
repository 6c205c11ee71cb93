import { text } from "../../bridge/props.ts";
import { boolean, type FunctionDefinition, list, number, type Props, string } from "../../bridge/schema.ts";
import { isSet } from "../../bridge/values.ts";
import type { Project } from "../api.ts";
import type { DigitalOcean } from "../client.ts";
import { calling } from "../errors.ts";
import { projectState } from "../project.ts";
import { findProject, membersOf } from "../project-members.ts";

export const getProject: FunctionDefinition<DigitalOcean> = {
  inputs: { id: string(), name: string() },
  outputs: {
    createdAt: string(),
    description: string(),
    environment: string(),
    isDefault: boolean(),
    ownerId: number(),
    ownerUuid: string(),
    purpose: string(),
    resources: list(string()),
    updatedAt: string(),
  },
  async call({ client }, args) {
    const found = await projectOf(client, args);
    return { id: found.id, ...projectState(found, await membersOf(client, found.id)) };
  },
};

/** Without a word of which, the default project. */
async function projectOf(client: DigitalOcean, { id, name }: Props): Promise<Project> {
  if (isSet(id) && isSet(name)) throw new Error('"id": conflicts with name');
  if (isSet(id)) return calling(`Unable to load project ID ${text(id)}`, () => findProject(client, text(id)));
  if (!isSet(name)) return calling("Unable to load default project", () => findProject(client, "default"));
  const all = await calling("Unable to load projects", () => client.list<Project>("projects", "projects"));
  const found = all.filter((project) => project.name === name);
  if (found.length > 1) throw new Error(`Multiple projects found with name '${name}'`);
  if (found[0] === undefined) throw new Error(`No projects found with name '${name}'`);
  return found[0];
}
