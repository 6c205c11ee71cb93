import { amount, fields, flag, text, texts } from "../bridge/props.ts";
import {
  boolean,
  number,
  object,
  type Props,
  type ResourceDefinition,
  set,
  string,
} from "../bridge/schema.ts";
import type { AlertPolicy } from "./api.ts";
import { atLeast, oneOf } from "./checks.ts";
import type { DigitalOcean } from "./client.ts";
import { calling, lookUp } from "./errors.ts";
import { changing, completing } from "./making.ts";
import { notificationFields, notificationsRequest, notificationsState } from "./notifications.ts";
import { tags } from "./tags.ts";

const DROPLET_METRICS = [
  "cpu",
  "memory_utilization_percent",
  "disk_utilization_percent",
  "public_outbound_bandwidth",
  "public_inbound_bandwidth",
  "private_outbound_bandwidth",
  "private_inbound_bandwidth",
  "disk_read",
  "disk_write",
  "load_1",
  "load_5",
  "load_15",
];
const LOAD_BALANCER_METRICS = [
  "avg_cpu_utilization_percent",
  "connection_utilization_percent",
  "droplet_health",
  "tls_connections_per_second_utilization_percent",
  "increase_in_http_error_rate_percentage_4xx",
  "increase_in_http_error_rate_percentage_5xx",
  "increase_in_http_error_rate_count_4xx",
  "increase_in_http_error_rate_count_5xx",
  "high_http_request_response_time",
  "high_http_request_response_time_50p",
  "high_http_request_response_time_95p",
  "high_http_request_response_time_99p",
];
const DATABASE_METRICS = [
  "load_15_alerts",
  "memory_utilization_alerts",
  "disk_utilization_alerts",
  "cpu_alerts",
];
const TYPES = [
  ...DROPLET_METRICS.map((metric) => `v1/insights/droplet/${metric}`),
  ...LOAD_BALANCER_METRICS.map((metric) => `v1/insights/lbaas/${metric}`),
  ...DATABASE_METRICS.map((metric) => `v1/dbaas/alerts/${metric}`),
];

export const monitorAlert: ResourceDefinition<DigitalOcean> = {
  inputs: {
    alerts: object(notificationFields, { required: true }),
    compare: string({ required: true, validate: oneOf(["GreaterThan", "LessThan"]) }),
    description: string({ required: true }),
    enabled: boolean({ default: true }),
    entities: set(string()),
    tags,
    type: string({ required: true, validate: oneOf(TYPES) }),
    value: number({ required: true, validate: atLeast(0) }),
    window: string({ required: true, validate: oneOf(["5m", "10m", "30m", "1h"]) }),
  },
  outputs: { uuid: string({ computed: true }) },

  async create({ client }, inputs) {
    const { policy } = await calling("Error creating Alert Policy", () =>
      client.post<{ policy: AlertPolicy }>("monitoring/alerts", policyRequest(inputs)),
    );
    return completing(policy.uuid, inputs, () => readPolicy(client, policy.uuid));
  },
  async read({ client }, id) {
    const state = await readPolicy(client, id);
    return state && { id, state };
  },
  async update({ client }, id, old, inputs) {
    const steps = () =>
      calling("Error updating monitoring alert", () =>
        client.put<void>(`monitoring/alerts/${id}`, policyRequest(inputs)),
      );
    return changing(id, { old, inputs }, steps, () => readPolicy(client, id));
  },
  async delete({ client }, id) {
    await calling("Error deleting monitor alert", () => client.delete(`monitoring/alerts/${id}`));
  },
};

function policyRequest(inputs: Props): object {
  return {
    type: text(inputs.type),
    enabled: flag(inputs.enabled),
    description: text(inputs.description),
    tags: texts(inputs.tags),
    compare: text(inputs.compare),
    window: text(inputs.window),
    value: amount(inputs.value),
    entities: texts(inputs.entities),
    alerts: notificationsRequest(fields(inputs.alerts)),
  };
}

async function readPolicy(client: DigitalOcean, id: string): Promise<Props | undefined> {
  const found = await lookUp("Error reading Alert", () =>
    client.get<{ policy: AlertPolicy }>(`monitoring/alerts/${id}`),
  );
  if (found === undefined) return undefined;
  const { policy } = found;
  return {
    uuid: policy.uuid,
    description: policy.description,
    enabled: policy.enabled,
    compare: policy.compare,
    alerts: notificationsState(policy.alerts),
    value: policy.value,
    window: policy.window,
    entities: policy.entities ?? null,
    tags: policy.tags ?? null,
    type: policy.type,
  };
}
