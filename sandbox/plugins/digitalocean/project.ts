import { flag, given, text, texts } from "../bridge/props.ts";
import {
  boolean,
  type Context,
  number,
  type Props,
  type ResourceDefinition,
  set,
  string,
} from "../bridge/schema.ts";
import type { Project } from "./api.ts";
import { lengthBetween, oneOf, sameText } from "./checks.ts";
import type { DigitalOcean } from "./client.ts";
import { calling, lookUp, says } from "./errors.ts";
import { changing, completing } from "./making.ts";
import { assignMembers, findProject, membersOf, moveMembers, toDefaultProject } from "./project-members.ts";
import { MINUTE, retried } from "./waiting.ts";

const ENVIRONMENTS = ["development", "staging", "production"];

export const project: ResourceDefinition<DigitalOcean> = {
  inputs: {
    description: string({ default: "", validate: lengthBetween(0, 255) }),
    environment: string({
      validate: oneOf(ENVIRONMENTS, true),
      same: sameText((name) => name.toLowerCase()),
    }),
    isDefault: boolean({ default: false }),
    name: string({ autoname: true, validate: lengthBetween(1, 175) }),
    purpose: string({ default: "Web Application", validate: lengthBetween(0, 255) }),
    resources: set(string(), { computed: true }),
  },
  outputs: {
    createdAt: string({ computed: true }),
    ownerId: number({ computed: true }),
    ownerUuid: string({ computed: true }),
    updatedAt: string({ computed: true }),
  },

  async create(context, inputs) {
    const { client } = context;
    const { project } = await calling("Error creating Project", () =>
      client.post<{ project: Project }>("projects", projectRequest(inputs)),
    );
    return completing(project.id, inputs, async () => {
      const members = texts(inputs.resources);
      if (members.length > 0)
        await calling("Error creating Project", () => assignMembers(client, project.id, members));
      if (flag(inputs.isDefault))
        await calling("Error setting project as default", () =>
          client.patch(`projects/${project.id}`, { ...projectRequest(inputs), is_default: true }),
        );
      return readProject(client, project.id);
    });
  },
  async read({ client }, id) {
    const state = await readProject(client, id);
    return state && { id, state };
  },
  async update({ client }, id, old, inputs) {
    const steps = async () => {
      const body = {
        ...projectRequest(inputs),
        description: text(inputs.description),
        is_default: flag(inputs.isDefault),
      };
      await calling("Error updating Project", () => client.patch(`projects/${id}`, body));
      await calling("Error Updating project", () =>
        moveMembers(client, id, texts(old.resources), texts(inputs.resources)),
      );
    };
    return changing(id, { old, inputs }, steps, () => readProject(client, id));
  },
  async delete(context, id, state) {
    const members = texts(state.resources);
    if (members.length > 0) await toDefaultProject(context.client, members);
    await calling(`Error deleting project (${id})`, () => deleteWhenEmpty(context, id));
  },
};

/** Members leave only some time after they were moved. */
function deleteWhenEmpty(context: Context<DigitalOcean>, id: string): Promise<void> {
  const { client, signal, timeoutSeconds } = context;
  const timeout = timeoutSeconds === undefined ? 3 * MINUTE : timeoutSeconds * 1000;
  const isStillFull = (cause: unknown) => says(cause, 412, "cannot delete a project with resources");
  return retried(timeout, isStillFull, signal, () => client.delete(`projects/${id}`));
}

function projectRequest(inputs: Props): object {
  return {
    name: text(inputs.name),
    purpose: text(inputs.purpose),
    ...given({ description: text(inputs.description), environment: text(inputs.environment) }),
  };
}

async function readProject(client: DigitalOcean, id: string): Promise<Props | undefined> {
  const found = await lookUp("Error reading Project", () => findProject(client, id));
  return found && projectState(found, await membersOf(client, found.id));
}

export function projectState(found: Project, members: string[]): Props {
  return {
    name: found.name,
    // The API's own purposes come back as they are, all others with this in front.
    purpose: found.purpose.replace(/^Other: /, ""),
    description: found.description,
    environment: found.environment,
    isDefault: found.is_default,
    ownerId: found.owner_id,
    ownerUuid: found.owner_uuid,
    createdAt: found.created_at,
    updatedAt: found.updated_at,
    resources: members,
  };
}
