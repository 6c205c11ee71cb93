import { text, texts } from "../bridge/props.ts";
import { type Props, type ResourceDefinition, set, string } from "../bridge/schema.ts";
import type { DigitalOcean } from "./client.ts";
import { calling, lookUp } from "./errors.ts";
import { changing } from "./making.ts";
import { findProject, membersOf, moveMembers, toDefaultProject } from "./project-members.ts";

export const projectResources: ResourceDefinition<DigitalOcean> = {
  inputs: {
    project: string({ required: true, forceNew: true }),
    resources: set(string(), { required: true }),
  },
  outputs: {},

  async create({ client }, inputs) {
    const id = text(inputs.project);
    await calling(`Error while retrieving project ${id}`, () => client.get(`projects/${id}`));
    await moveMembers(client, id, [], texts(inputs.resources));
    const state = await readMembers(client, id, inputs);
    if (state === undefined) throw new Error(`project ${id} is gone`);
    return { id, state };
  },
  async read({ client }, id, known) {
    const state = await readMembers(client, id, known ?? {});
    return state && { id, state };
  },
  async update({ client }, id, old, inputs) {
    const steps = () => moveMembers(client, id, texts(old.resources), texts(inputs.resources));
    return changing(id, { old, inputs }, steps, (known) => readMembers(client, id, known));
  },
  async delete({ client }, id, state) {
    const project = await lookUp("Error while retrieving project", () => findProject(client, id));
    const members = texts(state.resources);
    if (project !== undefined && members.length > 0) await toDefaultProject(client, members);
  },
};

/** Of all that the project has, what this resource put there. */
async function readMembers(client: DigitalOcean, id: string, known: Props): Promise<Props | undefined> {
  const project = await lookUp("Error while retrieving project", () => findProject(client, id));
  if (project === undefined) return undefined;
  const members = await calling("Error while retrieving project resources", () => membersOf(client, id));
  return { project: id, resources: texts(known.resources).filter((urn) => members.includes(urn)) };
}
