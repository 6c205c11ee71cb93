import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type Call, found, parameter, readBody } from "../http/call.ts";
import { conflict, notFound } from "../http/errors.ts";
import { noContent, ok, page, type Reply } from "../http/reply.ts";
import { route } from "../http/router.ts";
import type { Account, Firewall } from "../state.ts";
import { hasTag } from "../tags.ts";
import { timestamp } from "../twin.ts";
import { holds } from "./enforce.ts";
import {
  firewallBody,
  keyOf,
  membersBody,
  requireKnown,
  requireWithinLimits,
  rulesBody,
  rulesOf,
} from "./rules.ts";
import { firewallView } from "./view.ts";

type Content = Pick<Firewall, "name" | "inbound" | "outbound" | "droplet_ids" | "tags">;

function contentOf(call: Call, own?: Firewall): Content {
  const { account } = call;
  const body = readBody(call, firewallBody);
  if (account.firewalls.some((other) => other !== own && other.name === body.name))
    throw conflict("duplicate name");
  requireKnown(account, body);
  const { name, droplet_ids, tags } = body;
  return { name, ...rulesOf(account, body), droplet_ids: distinct(droplet_ids), tags: distinct(tags) };
}

const distinct = <T>(list: T[]): T[] => [...new Set(list)];

function create(call: Call): Reply {
  const content = contentOf(call);
  requireWithinLimits(content);
  const firewall: Firewall = {
    ...content,
    id: randomUUID(),
    status: "waiting",
    created_at: timestamp(call.twin),
    pending: [],
  };
  call.account.firewalls.push(firewall);
  firewall.pending = heldBy(call.account, firewall).map((id) => waiting(id, false));
  return ok({ firewall: firewallView(firewall) }, 202);
}

/** Changes a firewall as a whole; what is under way shows until the machines have followed. */
function change(account: Account, firewall: Firewall, to: Partial<Content>): void {
  requireWithinLimits({ ...firewall, ...to });
  const before = heldBy(account, firewall);
  Object.assign(firewall, to);
  const after = heldBy(account, firewall);
  firewall.status = "waiting";
  firewall.pending = [
    ...after.map((id) => waiting(id, false)),
    ...before.filter((id) => !after.includes(id)).map((id) => waiting(id, true)),
  ];
}

const heldBy = (account: Account, firewall: Firewall): number[] =>
  account.droplets.filter((droplet) => holds(firewall, droplet)).map(({ id }) => id);

const waiting = (droplet_id: number, removing: boolean) => ({ droplet_id, removing, status: "waiting" });

const firewallOf = (call: Call): Firewall =>
  found(call.account.firewalls.find(({ id }) => id === parameter(call)));

/** A sub-resource: what is to change, made of the firewall and the body. */
const changing =
  <T>(body: z.ZodType<T>, to: (firewall: Firewall, body: T, account: Account) => Partial<Content>) =>
  (call: Call): Reply => {
    const firewall = firewallOf(call);
    change(call.account, firewall, to(firewall, readBody(call, body), call.account));
    return noContent();
  };

const droplets = z.object({ droplet_ids: membersBody.shape.droplet_ids });
const tags = z.object({ tags: membersBody.shape.tags });

export const firewallRoutes = [
  route("GET", "/v2/firewalls", (call) => page(call, "firewalls", call.account.firewalls, firewallView)),
  route("POST", "/v2/firewalls", create),
  route("GET", "/v2/firewalls/:id", (call) => ok({ firewall: firewallView(firewallOf(call)) })),
  route("PUT", "/v2/firewalls/:id", (call) => {
    const firewall = firewallOf(call);
    change(call.account, firewall, contentOf(call, firewall));
    return ok({ firewall: firewallView(firewall) });
  }),
  route("DELETE", "/v2/firewalls/:id", (call) => {
    const firewall = firewallOf(call);
    call.account.firewalls = call.account.firewalls.filter((other) => other !== firewall);
    return noContent();
  }),
  route(
    "POST",
    "/v2/firewalls/:id/droplets",
    changing(droplets, (firewall, { droplet_ids }, account) => {
      requireKnown(account, { droplet_ids, tags: [] });
      return { droplet_ids: distinct([...firewall.droplet_ids, ...droplet_ids]) };
    }),
  ),
  route(
    "DELETE",
    "/v2/firewalls/:id/droplets",
    changing(droplets, (firewall, { droplet_ids }) => ({
      droplet_ids: firewall.droplet_ids.filter((id) => !droplet_ids.includes(id)),
    })),
  ),
  route(
    "POST",
    "/v2/firewalls/:id/tags",
    changing(tags, (firewall, { tags: added }, account) => {
      requireKnown(account, { droplet_ids: [], tags: added });
      return { tags: [...firewall.tags, ...added.filter((tag) => !hasTag(firewall.tags, tag))] };
    }),
  ),
  route(
    "DELETE",
    "/v2/firewalls/:id/tags",
    changing(tags, (firewall, { tags: removed }) => ({
      tags: firewall.tags.filter((tag) => !hasTag(removed, tag)),
    })),
  ),
  route(
    "POST",
    "/v2/firewalls/:id/rules",
    changing(rulesBody, (firewall, body, account) => {
      const added = rulesOf(account, body);
      return {
        inbound: [...firewall.inbound, ...added.inbound],
        outbound: [...firewall.outbound, ...added.outbound],
      };
    }),
  ),
  route(
    "DELETE",
    "/v2/firewalls/:id/rules",
    changing(rulesBody, (firewall, body, account) => {
      const removed = rulesOf(account, body);
      return {
        inbound: without(firewall.inbound, removed.inbound),
        outbound: without(firewall.outbound, removed.outbound),
      };
    }),
  ),
];

function without(rules: Content["inbound"], removed: Content["inbound"]): Content["inbound"] {
  const keys = removed.map(keyOf);
  if (!keys.every((key) => rules.some((rule) => keyOf(rule) === key))) throw notFound();
  return rules.filter((rule) => !keys.includes(keyOf(rule)));
}
