/**
 * What no real client asks for: the strings that a test pulls.
 *
 *   GET    /_twin/ping                {folder, digest, pid} of the process that answers
 *   GET    /_twin/log?since=N         {log: [{n, time, method, path, status, account}]}: the last 1000 requests to /v2,
 *                                     those after the N-th
 *   GET    /_twin/dns                 {names: {NAME: ADDRESS}} at a registrar elsewhere
 *   PUT    /_twin/dns/NAME            {"address": "127.77.1.2"} sets such a record
 *   DELETE /_twin/dns/NAME
 *   GET    /_twin/faults              {faults: [...]} of the bearer token's account, those that are left
 *   PUT    /_twin/faults              replaces them by a list of
 *     {"match": {"method"?: "POST", "path"?: "^/v2/volumes"}, "status": 429 | 500 | 503, "retryAfterSeconds"?: 2,
 *      "times"?: 3 | "forSeconds"?: 10}   requests that match are answered so, without effect; the path is a regular
 *                                     expression; with neither times nor forSeconds until they are cleared
 *     {"slowActions": 5000}           each action takes so many milliseconds longer
 *     {"attachRace": 2}               attaching a volume meets another event of the droplet so many times
 *     {"neverBoots": true}            the next droplet stays `new` and its action in progress; it can be destroyed
 *     {"bootsDeaf": true}             the next droplet becomes active, but there is no machine; a power cycle makes it
 *   DELETE /_twin/faults              clears them; droplets that a fault has met stay as they are
 *
 * Faults of an account take a token of that account, the rest none. Nothing here counts towards the rate limits.
 */
import { isIP } from "node:net";
import { z } from "zod";
import { faultList, left, withEnd } from "./faults.ts";
import { readBody } from "./http/call.ts";
import { notFound } from "./http/errors.ts";
import { noContent, ok } from "./http/reply.ts";
import type { RequestLog } from "./http/request-log.ts";
import { type Route, route } from "./http/router.ts";

const address = z.object({
  address: z
    .string("address is required")
    .refine((text) => isIP(text) !== 0, "address must be an IP address"),
});

/** Routes that belong to an account. */
export const faultRoutes: Route[] = [
  route("GET", "/_twin/faults", ({ account, twin }) => ok({ faults: left(account, twin.now()) })),
  route("PUT", "/_twin/faults", (call) => {
    const { account, twin } = call;
    account.faults = readBody(call, faultList).map((fault) => withEnd(fault, twin.now()));
    return ok({ faults: account.faults });
  }),
  route("DELETE", "/_twin/faults", ({ account }) => {
    account.faults = [];
    return noContent();
  }),
];

/** Routes that need no account. */
export const openRoutes = (log: RequestLog, ping: () => Record<string, unknown>): Route[] => [
  route("GET", "/_twin/ping", () => ok(ping())),
  route("GET", "/_twin/log", ({ query }) => ok({ log: log.since(Number(query.get("since")) || 0) })),
  route("GET", "/_twin/dns", ({ twin }) => ok({ names: twin.state.dns })),
  route("PUT", "/_twin/dns/:name", (call) => {
    call.twin.state.dns[nameOf(call.parameters)] = readBody(call, address).address;
    return noContent();
  }),
  route("DELETE", "/_twin/dns/:name", ({ twin, parameters }) => {
    const name = nameOf(parameters);
    if (!(name in twin.state.dns)) throw notFound();
    delete twin.state.dns[name];
    return noContent();
  }),
];

const nameOf = ({ name = "" }: Record<string, string>): string => name.toLowerCase().replace(/\.$/, "");
