// Alert policies. They are in the books; nothing is measured here, so none ever fires.
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type Call, found, parameter, readBody } from "../http/call.ts";
import { unprocessable } from "../http/errors.ts";
import { noContent, ok, page } from "../http/reply.ts";
import { route } from "../http/router.ts";
import type { AlertPolicy } from "../state.ts";
import { notifications, reachesSomebody } from "./notifications.ts";

const DROPLET_METRICS = [
  "load_1",
  "load_5",
  "load_15",
  "memory_utilization_percent",
  "disk_utilization_percent",
  "cpu",
  "disk_read",
  "disk_write",
  "public_outbound_bandwidth",
  "public_inbound_bandwidth",
  "private_outbound_bandwidth",
  "private_inbound_bandwidth",
].map((metric) => `v1/insights/droplet/${metric}`);

const LOAD_BALANCER_METRICS = [
  "avg_cpu_utilization_percent",
  "connection_utilization_percent",
  "droplet_health",
  "tls_connections_per_second_utilization_percent",
  "increase_in_http_error_rate_percentage",
  "increase_in_http_error_rate_count",
  "high_http_request_response_time",
  "high_http_request_response_time_50p",
  "high_http_request_response_time_95p",
  "high_http_request_response_time_99p",
].map((metric) => `v1/insights/lbaas/${metric}`);

const DATABASE_METRICS = ["load_15", "memory_utilization", "disk_utilization", "cpu"].map(
  (metric) => `v1/dbaas/alerts/${metric}_alerts`,
);

const METRICS = [...DROPLET_METRICS, ...LOAD_BALANCER_METRICS, ...DATABASE_METRICS];

const policyBody = z.object({
  type: z.enum(METRICS, "type is no metric that alerts can be made for"),
  description: z.string("description is required").min(1, "description is required"),
  compare: z.enum(["GreaterThan", "LessThan"], "compare must be GreaterThan or LessThan"),
  value: z.number("value is required").min(0, "value must not be negative"),
  window: z.enum(["5m", "10m", "30m", "1h"], "window must be 5m, 10m, 30m or 1h"),
  entities: z.array(z.coerce.string()).default([]),
  tags: z.array(z.string()).default([]),
  alerts: notifications,
  enabled: z.boolean().default(false),
});

function policyFrom(call: Call): Omit<AlertPolicy, "uuid"> {
  const body = readBody(call, policyBody);
  if (!reachesSomebody(body.alerts))
    throw unprocessable("alerts must have at least one e-mail address or slack channel");
  if (body.type.endsWith("_percent") && body.value > 100)
    throw unprocessable("value must be at most 100 percent");
  const unknown = DROPLET_METRICS.includes(body.type)
    ? body.entities.find((entity) => !call.account.droplets.some(({ id }) => String(id) === entity))
    : undefined;
  if (unknown !== undefined) throw unprocessable(`entities: there is no droplet ${unknown}`);
  return body;
}

const policyOf = (call: Call): AlertPolicy =>
  found(call.account.alert_policies.find(({ uuid }) => uuid === parameter(call)));

const view = (policy: AlertPolicy) => policy;

export const alertRoutes = [
  route("GET", "/v2/monitoring/alerts", (call) => page(call, "policies", call.account.alert_policies, view)),
  route("POST", "/v2/monitoring/alerts", (call) => {
    const policy = { uuid: randomUUID(), ...policyFrom(call) };
    call.account.alert_policies.push(policy);
    return ok({ policy: view(policy) });
  }),
  route("GET", "/v2/monitoring/alerts/:id", (call) => ok({ policy: view(policyOf(call)) })),
  route("PUT", "/v2/monitoring/alerts/:id", (call) => {
    const policy = Object.assign(policyOf(call), policyFrom(call));
    return ok({ policy: view(policy) });
  }),
  route("DELETE", "/v2/monitoring/alerts/:id", (call) => {
    const policy = policyOf(call);
    call.account.alert_policies = call.account.alert_policies.filter((other) => other !== policy);
    return noContent();
  }),
];
