import {
  actionView,
  beginOnDroplet,
  end,
  isLocked,
  newestFirst,
  pending,
  requireNoEvent,
} from "../actions.ts";
import { holds } from "../firewalls/enforce.ts";
import { firewallView } from "../firewalls/view.ts";
import { type Call, found, idParameter, readBody } from "../http/call.ts";
import { badRequest } from "../http/errors.ts";
import { noContent, ok, page, type Reply } from "../http/reply.ts";
import { route } from "../http/router.ts";
import { snapshotView } from "../snapshots.ts";
import type { Droplet } from "../state.ts";
import { hasTag } from "../tags.ts";
import { act, actionBody } from "./actions.ts";
import { createDroplets } from "./create.ts";
import { seePower } from "./power.ts";
import { dropletView } from "./view.ts";

const dropletOf = (call: Call): Droplet => {
  const wanted = idParameter(call);
  return found(call.account.droplets.find(({ id }) => id === wanted));
};

const tagged = (call: Call): Droplet[] => {
  const tag = call.query.get("tag_name");
  if (!tag) throw badRequest("tag_name is required");
  return call.account.droplets.filter(({ tags }) => hasTag(tags, tag));
};

async function listDroplets(call: Call): Promise<Reply> {
  const { twin, account, query } = call;
  const [name, tag] = [query.get("name"), query.get("tag_name")];
  const droplets = account.droplets.filter(
    (droplet) =>
      (!name || droplet.name.toLowerCase() === name.toLowerCase()) && (!tag || hasTag(droplet.tags, tag)),
  );
  await Promise.all(droplets.map((droplet) => seePower(twin, account, droplet)));
  return page(call, "droplets", droplets, (droplet) => dropletView(twin, account, droplet));
}

/** It goes on to be there for as long as the machine takes to end. */
function destroy(call: Call, droplet: Droplet): void {
  const { twin, account } = call;
  if (isLocked(account, droplet)) requireNoEvent(account, droplet);
  const endless = pending(account, ({ droplet_id }) => droplet_id === droplet.id);
  if (endless) end(twin, endless, "errored");
  beginOnDroplet(twin, account, droplet, "destroy", { do: "destroy" });
}

export const dropletRoutes = [
  route("POST", "/v2/droplets", createDroplets),
  route("GET", "/v2/droplets", listDroplets),
  route("DELETE", "/v2/droplets", (call) => {
    for (const droplet of tagged(call)) destroy(call, droplet);
    return noContent();
  }),
  route("GET", "/v2/droplets/:id", async (call) => {
    const droplet = dropletOf(call);
    await seePower(call.twin, call.account, droplet);
    return ok({ droplet: dropletView(call.twin, call.account, droplet) });
  }),
  route("DELETE", "/v2/droplets/:id", (call) => {
    destroy(call, dropletOf(call));
    return noContent();
  }),
  route("POST", "/v2/droplets/actions", async (call) => {
    const order = readBody(call, actionBody);
    const actions = await Promise.all(
      tagged(call).map((droplet) => act(call.twin, call.account, droplet, order)),
    );
    return ok({ actions: actions.map(actionView) }, 201);
  }),
  route("POST", "/v2/droplets/:id/actions", async (call) => {
    const droplet = dropletOf(call);
    const action = await act(call.twin, call.account, droplet, readBody(call, actionBody));
    return ok({ action: actionView(action) }, 201);
  }),
  route("GET", "/v2/droplets/:id/actions", (call) => {
    const { id } = dropletOf(call);
    const actions = call.account.actions.filter(({ droplet_id }) => droplet_id === id);
    return page(call, "actions", newestFirst(actions), actionView);
  }),
  route("GET", "/v2/droplets/:id/actions/:action", (call) => {
    const { id } = dropletOf(call);
    const wanted = idParameter(call, "action");
    const own = call.account.actions.find((action) => action.id === wanted && action.droplet_id === id);
    return ok({ action: actionView(found(own)) });
  }),
  route("GET", "/v2/droplets/:id/snapshots", (call) => {
    const { id } = dropletOf(call);
    const own = call.account.snapshots.filter(
      ({ resource_type, resource_id }) => resource_type === "droplet" && resource_id === String(id),
    );
    return page(call, "snapshots", own, snapshotView);
  }),
  route("GET", "/v2/droplets/:id/firewalls", (call) => {
    const droplet = dropletOf(call);
    const own = call.account.firewalls.filter((firewall) => holds(firewall, droplet));
    return page(call, "firewalls", own, firewallView);
  }),
];

export const actionRoutes = [
  route("GET", "/v2/actions", (call) => page(call, "actions", newestFirst(call.account.actions), actionView)),
  route("GET", "/v2/actions/:id", (call) => {
    const wanted = idParameter(call);
    return ok({ action: actionView(found(call.account.actions.find(({ id }) => id === wanted))) });
  }),
];
