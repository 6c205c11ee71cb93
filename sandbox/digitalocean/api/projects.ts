import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type Call, found, parameter, readBody } from "./http/call.ts";
import { conflict, preconditionFailed, unprocessable } from "./http/errors.ts";
import { noContent, ok, page, type Reply } from "./http/reply.ts";
import { route } from "./http/router.ts";
import type { Account, Project } from "./state.ts";
import { timestamp } from "./twin.ts";

const PURPOSES = [
  "Just trying out DigitalOcean",
  "Class project / Educational purposes",
  "Website or blog",
  "Web Application",
  "Service or API",
  "Mobile Application",
  "Machine learning / AI / Data processing",
  "IoT",
  "Operational / Developer tooling",
];

const fields = {
  name: z.string("name is required").min(1, "name is required").max(175, "name is too long (maximum is 175)"),
  description: z.string().max(255, "description is too long (maximum is 255)"),
  purpose: z.string("purpose is required").min(1, "purpose is required").max(255, "purpose is too long"),
  environment: z.preprocess(
    (text) =>
      typeof text === "string" && text !== "" ? text[0]?.toUpperCase() + text.slice(1).toLowerCase() : text,
    z.enum(
      ["", "Development", "Staging", "Production"],
      "environment must be Development, Staging or Production",
    ),
  ),
  is_default: z.boolean(),
};

const createBody = z.object({
  ...fields,
  description: fields.description.default(""),
  environment: fields.environment.default(""),
  is_default: fields.is_default.default(false),
});
const putBody = z.object(fields);
const patchBody = putBody.partial();

const projectView = (account: Account, project: Project) => ({
  id: project.id,
  owner_uuid: account.uuid,
  owner_id: account.number,
  name: project.name,
  description: project.description,
  purpose: project.purpose,
  environment: project.environment,
  is_default: project.is_default,
  created_at: project.created_at,
  updated_at: project.updated_at,
});

const purposeOf = (text: string): string =>
  PURPOSES.includes(text) || text.startsWith("Other: ") ? text : `Other: ${text}`;

export const defaultProject = (account: Account): Project =>
  found(account.projects.find(({ is_default }) => is_default));

/** The project of a resource: the default one unless it was moved. */
export function projectOf(account: Account, urn: string): Project {
  const id = account.assigned[urn]?.project;
  return account.projects.find((project) => project.id === id) ?? defaultProject(account);
}

/** What there is to be in a project, with the path that it is found at and since when it is there. */
function resources(account: Account): { urn: string; path: string; since: string }[] {
  return [
    ...account.droplets.map(({ id, created_at }) => ({
      urn: `do:droplet:${id}`,
      path: `droplets/${id}`,
      since: created_at,
    })),
    ...account.volumes.map(({ id, created_at }) => ({
      urn: `do:volume:${id}`,
      path: `volumes/${id}`,
      since: created_at,
    })),
    ...account.reserved_ips.map(({ ip }) => ({
      urn: `do:floatingip:${ip}`,
      path: `reserved_ips/${ip}`,
      since: account.created_at,
    })),
    ...account.domains.map(({ name }) => ({
      urn: `do:domain:${name}`,
      path: `domains/${name}`,
      since: account.created_at,
    })),
  ];
}

const resourcesOf = (account: Account, project: Project) =>
  resources(account).filter(({ urn }) => projectOf(account, urn) === project);

function resourceView(call: Call, urn: string, status: string) {
  const known = resources(call.account).find((resource) => resource.urn === urn);
  const self = known ? `${call.url.origin}/v2/${known.path}` : "";
  const assigned_at = call.account.assigned[urn]?.at ?? known?.since ?? timestamp(call.twin);
  return { urn, assigned_at, links: { self }, status };
}

function assign(call: Call, project: Project): Reply {
  const body = readBody(call, z.object({ resources: z.array(z.string(), "resources is required") }));
  const malformed = body.resources.find((urn) => !/^do:[a-z]+:\S+$/.test(urn));
  if (malformed !== undefined) throw unprocessable(`resource ${malformed} is not a valid URN`);
  const views = body.resources.map((given) => {
    const urn = given.replace(/^do:reservedip:/, "do:floatingip:");
    if (!resources(call.account).some((resource) => resource.urn === urn))
      return resourceView(call, urn, "not_found");
    if (projectOf(call.account, urn) === project) return resourceView(call, urn, "already_assigned");
    call.account.assigned[urn] = { project: project.id, at: timestamp(call.twin) };
    return resourceView(call, urn, "assigned");
  });
  return ok({ resources: views });
}

function create(call: Call): Reply {
  const { account } = call;
  const body = readBody(call, createBody);
  requireFreeName(account, body.name);
  const now = timestamp(call.twin);
  const project: Project = {
    ...body,
    id: randomUUID(),
    purpose: purposeOf(body.purpose),
    is_default: false,
    created_at: now,
    updated_at: now,
  };
  account.projects.push(project);
  if (body.is_default) makeDefault(account, project);
  return ok({ project: projectView(account, project) }, 201);
}

/** What was in the default project without being put there stays in it. */
function makeDefault(account: Account, project: Project): void {
  const former = defaultProject(account);
  if (former === project) return;
  for (const { urn, since } of resourcesOf(account, former))
    account.assigned[urn] ??= { project: former.id, at: since };
  former.is_default = false;
  project.is_default = true;
}

const update = (body: z.ZodType<z.infer<typeof patchBody>>) => (call: Call) => {
  const project = projectFor(call);
  const { is_default, purpose, ...change } = readBody(call, body);
  if (change.name !== undefined) requireFreeName(call.account, change.name, project);
  if (is_default === false && project.is_default)
    throw unprocessable("There must be a default project: make another one the default instead.");
  Object.assign(project, change, { updated_at: timestamp(call.twin) });
  if (purpose !== undefined) project.purpose = purposeOf(purpose);
  if (is_default) makeDefault(call.account, project);
  return ok({ project: projectView(call.account, project) });
};

function requireFreeName(account: Account, name: string, own?: Project): void {
  if (account.projects.some((project) => project !== own && project.name === name))
    throw conflict("name is already in use");
}

const projectFor = (call: Call): Project => {
  const wanted = parameter(call);
  if (wanted === "default") return defaultProject(call.account);
  return found(call.account.projects.find(({ id }) => id === wanted));
};

export const projectRoutes = [
  route("GET", "/v2/projects", (call) =>
    page(call, "projects", call.account.projects, (project) => projectView(call.account, project)),
  ),
  route("POST", "/v2/projects", create),
  route("GET", "/v2/projects/:id", (call) => ok({ project: projectView(call.account, projectFor(call)) })),
  route("PUT", "/v2/projects/:id", update(putBody)),
  route("PATCH", "/v2/projects/:id", update(patchBody)),
  route("DELETE", "/v2/projects/:id", (call) => {
    const project = projectFor(call);
    if (project.is_default) throw preconditionFailed("cannot delete the default project");
    if (resourcesOf(call.account, project).length > 0)
      throw preconditionFailed("cannot delete a project with resources");
    call.account.projects = call.account.projects.filter((other) => other !== project);
    return noContent();
  }),
  route("GET", "/v2/projects/:id/resources", (call) =>
    page(call, "resources", resourcesOf(call.account, projectFor(call)), ({ urn }) =>
      resourceView(call, urn, "ok"),
    ),
  ),
  route("POST", "/v2/projects/:id/resources", (call) => assign(call, projectFor(call))),
];
