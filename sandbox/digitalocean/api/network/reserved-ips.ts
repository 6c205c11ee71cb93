import { z } from "zod";
import { reserved_ip_limit } from "../account.ts";
import { actionView, begin, newestFirst, pending } from "../actions.ts";
import { findRegion, regionOf } from "../catalogue.ts";
import { actionLink } from "../droplets/create.ts";
import { dropletView } from "../droplets/view.ts";
import { type Call, found, idParameter, parameter, readBody } from "../http/call.ts";
import { unprocessable } from "../http/errors.ts";
import { noContent, ok, page, type Reply } from "../http/reply.ts";
import { route } from "../http/router.ts";
import { projectOf } from "../projects.ts";
import type { Account, Action, Droplet, ReservedIp } from "../state.ts";
import { timestamp } from "../twin.ts";
import { reservedAddress } from "./addresses.ts";
import { toNumber } from "./ranges.ts";

const createBody = z.object({
  region: z.string().optional(),
  droplet_id: z.coerce.number().int().optional(),
  project_id: z.string().optional(),
});

const actionBody = z.discriminatedUnion(
  "type",
  [
    z.object({ type: z.literal("assign"), droplet_id: z.coerce.number("droplet_id is required").int() }),
    z.object({ type: z.literal("unassign") }),
  ],
  "Invalid type of reserved IP action",
);

function view({ twin, account }: Call, reserved: ReservedIp) {
  const droplet = account.droplets.find(({ id }) => id === reserved.droplet_id);
  return {
    ip: reserved.ip,
    region: regionOf(reserved.region),
    region_slug: reserved.region,
    droplet: droplet ? dropletView(twin, account, droplet) : null,
    locked: pending(account, ({ ip }) => ip === reserved.ip) !== undefined,
    project_id: projectOf(account, urnOf(reserved)).id,
  };
}

const urnOf = ({ ip }: ReservedIp): string => `do:floatingip:${ip}`;

function create(call: Call): Reply {
  const { twin, account } = call;
  const body = readBody(call, createBody);
  if (account.reserved_ips.length >= reserved_ip_limit)
    throw unprocessable(`You have reached the limit of ${reserved_ip_limit} reserved IPs.`);
  if (body.project_id && !account.projects.some(({ id }) => id === body.project_id))
    throw unprocessable("project_id is invalid");
  const droplet = body.droplet_id === undefined ? undefined : takerOf(account, body.droplet_id);
  const region = droplet?.region ?? body.region ?? "";
  if (!region) throw unprocessable("region or droplet_id is required");
  if (!findRegion(region)?.available) throw unprocessable("region is invalid");
  const reserved: ReservedIp = { ip: reservedAddress(twin), region };
  account.reserved_ips.push(reserved);
  if (body.project_id) account.assigned[urnOf(reserved)] = { project: body.project_id, at: timestamp(twin) };
  if (!droplet) return ok({ reserved_ip: view(call, reserved) }, 202);
  const action = beginMove(call, reserved, "assign", droplet.id);
  const href = `${call.url.origin}/v2/droplets/${droplet.id}`;
  const links = { droplets: [{ id: droplet.id, rel: "droplet", href }], actions: [actionLink(call, action)] };
  return ok({ reserved_ip: view(call, reserved), links }, 202);
}

/** The droplet that is to get an address. */
function takerOf(account: Account, wanted: number, reserved?: ReservedIp): Droplet {
  const droplet = account.droplets.find(({ id }) => id === wanted);
  if (!droplet) throw unprocessable("The Droplet does not exist.");
  if (reserved && droplet.region !== reserved.region)
    throw unprocessable(
      `The reserved IP is in ${reserved.region} and cannot be assigned to a Droplet in ${droplet.region}.`,
    );
  if (account.reserved_ips.some((other) => other !== reserved && other.droplet_id === wanted))
    throw unprocessable("The Droplet already has a reserved IP.");
  return droplet;
}

function act(call: Call, reserved: ReservedIp): Reply {
  const body = readBody(call, actionBody);
  requireNoEvent(call.account, reserved);
  if (body.type === "assign") {
    const droplet = takerOf(call.account, body.droplet_id, reserved);
    return ok({ action: actionView(beginMove(call, reserved, "assign", droplet.id)) }, 201);
  }
  if (reserved.droplet_id === undefined) throw unprocessable("The reserved IP is not assigned to a Droplet.");
  return ok({ action: actionView(beginMove(call, reserved, "unassign")) }, 201);
}

const beginMove = (
  call: Call,
  { ip, region }: ReservedIp,
  way: "assign" | "unassign",
  droplet?: number,
): Action =>
  begin(call.twin, call.account, {
    type: `${way}_ip`,
    region,
    resource: { type: "reserved_ip", id: toNumber(ip) },
    on: { ip, droplet_id: droplet },
    job: { do: way },
  });

function requireNoEvent(account: Account, reserved: ReservedIp): void {
  if (pending(account, ({ ip }) => ip === reserved.ip))
    throw unprocessable("The reserved IP already has a pending event.");
}

const reservedOf = (call: Call): ReservedIp =>
  found(call.account.reserved_ips.find(({ ip }) => ip === parameter(call, "ip")));

const actionsOf = (call: Call): Action[] => {
  const reserved = reservedOf(call);
  return call.account.actions.filter(({ ip }) => ip === reserved.ip);
};

export const reservedIpRoutes = [
  route("GET", "/v2/reserved_ips", (call) =>
    page(call, "reserved_ips", call.account.reserved_ips, (reserved) => view(call, reserved)),
  ),
  route("POST", "/v2/reserved_ips", create),
  route("GET", "/v2/reserved_ips/:ip", (call) => ok({ reserved_ip: view(call, reservedOf(call)) })),
  route("DELETE", "/v2/reserved_ips/:ip", async (call) => {
    const { twin, account } = call;
    const reserved = reservedOf(call);
    requireNoEvent(account, reserved);
    if (reserved.droplet_id !== undefined) await twin.machines.assignAddress(reserved.ip, undefined);
    account.reserved_ips = account.reserved_ips.filter((other) => other !== reserved);
    delete account.assigned[urnOf(reserved)];
    return noContent();
  }),
  route("POST", "/v2/reserved_ips/:ip/actions", (call) => act(call, reservedOf(call))),
  route("GET", "/v2/reserved_ips/:ip/actions", (call) =>
    page(call, "actions", newestFirst(actionsOf(call)), actionView),
  ),
  route("GET", "/v2/reserved_ips/:ip/actions/:action", (call) => {
    const wanted = idParameter(call, "action");
    return ok({ action: actionView(found(actionsOf(call).find(({ id }) => id === wanted))) });
  }),
];
