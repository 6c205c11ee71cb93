import { randomUUID } from "node:crypto";
import { z } from "zod";
import { findRegion } from "../catalogue.ts";
import { type Call, found, parameter, readBody } from "../http/call.ts";
import { conflict, forbidden, unprocessable } from "../http/errors.ts";
import { noContent, ok, page, type Reply } from "../http/reply.ts";
import { route } from "../http/router.ts";
import type { Account, Vpc } from "../state.ts";
import { type Twin, timestamp } from "../twin.ts";
import { freeRange, isPrivate, isReserved, overlap, parseRange } from "./ranges.ts";

const name = z
  .string("name is required")
  .regex(/^[a-zA-Z0-9.-]{1,255}$/, "name may contain only letters, numbers, dashes and periods");
const description = z.string().max(255, "description is too long (maximum is 255 characters)");

const vpcBody = z.object({
  name,
  region: z.string("region is required"),
  description: description.default(""),
  ip_range: z.string().optional(),
});

const vpcView = (vpc: Vpc) => ({
  id: vpc.id,
  urn: `do:vpc:${vpc.id}`,
  name: vpc.name,
  description: vpc.description,
  region: vpc.region,
  ip_range: vpc.ip_range,
  created_at: vpc.created_at,
  default: vpc.default,
});

/** The network of a new droplet: the one asked for, else the default of the region, which is made when first needed. */
export function vpcFor(twin: Twin, account: Account, region: string, wanted: string | undefined): Vpc {
  if (wanted) {
    const vpc = account.vpcs.find(({ id }) => id === wanted);
    if (vpc?.region !== region) throw unprocessable("You specified an invalid VPC for Droplet creation.");
    return vpc;
  }
  const known = account.vpcs.find((vpc) => vpc.region === region && vpc.default);
  return known ?? add(twin, account, { name: `default-${region}`, region, description: "" });
}

function createVpc(call: Call): Reply {
  const { twin, account } = call;
  const body = readBody(call, vpcBody);
  if (!findRegion(body.region)?.available) throw unprocessable("region is invalid");
  requireFreeName(account, body.name);
  if (body.ip_range) requireUsable(account, body.ip_range);
  return ok({ vpc: vpcView(add(twin, account, body)) }, 201);
}

/** The first network of a region is its default, also when it was made on purpose. */
function add(
  twin: Twin,
  account: Account,
  given: { name: string; region: string; description: string; ip_range?: string | undefined },
): Vpc {
  const taken = Object.values(twin.state.accounts).flatMap(({ vpcs }) => vpcs.map((vpc) => vpc.ip_range));
  const ip_range = given.ip_range ?? freeRange(taken);
  if (!ip_range) throw unprocessable("There is no free range left: give an ip_range.");
  const vpc: Vpc = {
    ...given,
    id: randomUUID(),
    ip_range,
    default: !account.vpcs.some(({ region }) => region === given.region),
    created_at: timestamp(twin),
  };
  account.vpcs.push(vpc);
  return vpc;
}

function requireFreeName(account: Account, wanted: string, own?: Vpc): void {
  if (account.vpcs.some((vpc) => vpc !== own && vpc.name === wanted))
    throw conflict(`A VPC with the name ${wanted} already exists.`);
}

function requireUsable(account: Account, text: string): void {
  const range = parseRange(text);
  if (!range) throw unprocessable(`ip_range ${text} is not a network in CIDR notation`);
  if (range.bits < 16 || range.bits > 28)
    throw unprocessable("ip_range must not be larger than /16 nor smaller than /28");
  if (!isPrivate(range)) throw unprocessable(`ip_range ${text} is not within the private ranges of RFC 1918`);
  if (isReserved(range)) throw unprocessable(`ip_range ${text} overlaps with a reserved range`);
  const other = account.vpcs.find((vpc) => {
    const taken = parseRange(vpc.ip_range);
    return taken && overlap(taken, range);
  });
  if (other)
    throw unprocessable(
      `This range/size overlaps with another VPC network in your account: ${other.ip_range}`,
    );
}

const vpcOf = (call: Call): Vpc => found(call.account.vpcs.find(({ id }) => id === parameter(call)));

/** PUT asks for the name, PATCH for nothing. */
const update =
  (body: z.ZodType<{ name?: string; description?: string; default?: boolean }>) => (call: Call) => {
    const vpc = vpcOf(call);
    const change = readBody(call, body);
    if (change.name !== undefined) requireFreeName(call.account, change.name, vpc);
    vpc.name = change.name ?? vpc.name;
    vpc.description = change.description ?? vpc.description;
    if (change.default)
      for (const other of call.account.vpcs) if (other.region === vpc.region) other.default = other === vpc;
    return ok({ vpc: vpcView(vpc) });
  };

const optional = { description: description.optional(), default: z.boolean().optional() };

const members = (account: Account, vpc: Vpc) =>
  account.droplets.filter(({ vpc_uuid }) => vpc_uuid === vpc.id);

export const vpcRoutes = [
  route("GET", "/v2/vpcs", (call) => page(call, "vpcs", call.account.vpcs, vpcView)),
  route("POST", "/v2/vpcs", createVpc),
  route("GET", "/v2/vpcs/:id", (call) => ok({ vpc: vpcView(vpcOf(call)) })),
  route("PUT", "/v2/vpcs/:id", update(z.object({ name, ...optional }))),
  route("PATCH", "/v2/vpcs/:id", update(z.object({ name: name.optional(), ...optional }))),
  route("DELETE", "/v2/vpcs/:id", (call) => {
    const vpc = vpcOf(call);
    if (members(call.account, vpc).length > 0) throw forbidden("Can not delete VPC with members");
    if (vpc.default) throw forbidden("Can not delete default VPCs");
    call.account.vpcs = call.account.vpcs.filter((other) => other !== vpc);
    return noContent();
  }),
  route("GET", "/v2/vpcs/:id/members", (call) => {
    const kind = call.query.get("resource_type");
    const all = kind && kind !== "droplet" ? [] : members(call.account, vpcOf(call));
    return page(call, "members", all, (droplet) => ({
      urn: `do:droplet:${droplet.id}`,
      name: droplet.name,
      created_at: droplet.created_at,
    }));
  }),
];
