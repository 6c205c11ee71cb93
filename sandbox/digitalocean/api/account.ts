// Who calls: a token is an account of its own, founded by its first use.
import { createHash, randomUUID } from "node:crypto";
import { findImage, IMAGES, REGIONS, SIZES } from "./catalogue.ts";
import { found, parameter } from "./http/call.ts";
import { unauthorized } from "./http/errors.ts";
import { ok, page } from "./http/reply.ts";
import { route } from "./http/router.ts";
import { type Account, newAccount, next } from "./state.ts";
import { type Twin, timestamp } from "./twin.ts";

export const droplet_limit = 25;
export const reserved_ip_limit = 5;
export const volume_limit = 100;

const TOKEN = /^dop_v1_[0-9a-f]{64}$/;

/** @throws ApiError 401 */
export function accountOf(twin: Twin, authorization: string | undefined): Account {
  const token = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1] ?? "";
  if (!TOKEN.test(token)) throw unauthorized();
  const key = createHash("sha256").update(token).digest("hex");
  const known = twin.state.accounts[key];
  if (known) return known;
  const account = founded(twin);
  twin.state.accounts[key] = account;
  twin.save();
  return account;
}

function founded(twin: Twin): Account {
  const now = timestamp(twin);
  const project = {
    id: randomUUID(),
    name: "first-project",
    description: "Update your project information under Settings",
    purpose: "Just trying out DigitalOcean",
    environment: "Development",
    is_default: true,
    created_at: now,
    updated_at: now,
  };
  const number = next(twin.state, "account");
  return newAccount({ uuid: randomUUID(), number, created_at: now, projects: [project] });
}

const accountView = (account: Account) => ({
  droplet_limit,
  floating_ip_limit: reserved_ip_limit,
  reserved_ip_limit,
  volume_limit,
  email: `account-${account.number}@twin.invalid`,
  name: `Account ${account.number}`,
  uuid: account.uuid,
  email_verified: true,
  status: "active",
  status_message: "",
  team: { uuid: account.uuid, name: "My Team" },
});

export const accountRoutes = [
  route("GET", "/v2/account", ({ account }) => ok({ account: accountView(account) })),
];

export const catalogueRoutes = [
  route("GET", "/v2/regions", (call) => page(call, "regions", REGIONS, (region) => region)),
  route("GET", "/v2/sizes", (call) => page(call, "sizes", SIZES, (size) => size)),
  route("GET", "/v2/images", (call) => {
    const { query } = call;
    // All that there is comes with the catalogue: distributions, without tags, for everybody.
    const none =
      query.get("private") === "true" || query.has("tag_name") || query.get("type") === "application";
    return page(call, "images", none ? [] : IMAGES, (image) => image);
  }),
  route("GET", "/v2/images/:id", (call) => ok({ image: found(findImage(parameter(call))) })),
];
