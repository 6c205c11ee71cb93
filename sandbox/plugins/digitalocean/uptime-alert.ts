import { amount, given, objects, text } from "../bridge/props.ts";
import { list, number, object, type Props, type ResourceDefinition, string } from "../bridge/schema.ts";
import type { UptimeAlert } from "./api.ts";
import { oneOf } from "./checks.ts";
import type { DigitalOcean } from "./client.ts";
import { calling, lookUp } from "./errors.ts";
import { changing, completing } from "./making.ts";
import { notificationFields, notificationsRequest, notificationsState } from "./notifications.ts";
import { pairOf } from "./unique-id.ts";

const TYPES = ["latency", "down", "down_global", "ssl_expiry"];
const PERIODS = ["2m", "3m", "5m", "10m", "15m", "30m", "1h"];

export const uptimeAlert: ResourceDefinition<DigitalOcean> = {
  inputs: {
    checkId: string({ required: true }),
    comparison: string({ validate: oneOf(["greater_than", "less_than"]) }),
    name: string({ autoname: true }),
    notifications: list(object(notificationFields), { required: true }),
    period: string({ validate: oneOf(PERIODS) }),
    threshold: number(),
    type: string({ required: true, validate: oneOf(TYPES) }),
  },
  outputs: {},

  async create({ client }, inputs) {
    const check = text(inputs.checkId);
    const { alert } = await calling("Error creating Uptime Alert", () =>
      client.post<{ alert: UptimeAlert }>(`uptime/checks/${check}/alerts`, alertRequest(inputs)),
    );
    return completing(alert.id, inputs, () => readAlert(client, check, alert.id));
  },
  async read({ client }, id, known) {
    const { check, alert } = known ? { check: known.checkId, alert: id } : pairOf(id, "check", "alert");
    const state = await readAlert(client, text(check), text(alert));
    return state && { id: text(alert), state };
  },
  async update({ client }, id, old, inputs) {
    const check = text(inputs.checkId);
    const steps = () =>
      calling("Error updating Alert", () =>
        client.put<void>(`uptime/checks/${check}/alerts/${id}`, alertRequest(inputs)),
      );
    return changing(id, { old, inputs }, steps, () => readAlert(client, check, id));
  },
  async delete({ client }, id, state) {
    await calling("Error deleting uptime alerts", () =>
      client.delete(`uptime/checks/${text(state.checkId)}/alerts/${id}`),
    );
  },
};

function alertRequest(inputs: Props): object {
  return {
    name: text(inputs.name),
    type: text(inputs.type),
    notifications: notificationsRequest(objects(inputs.notifications)[0] ?? {}),
    ...given({
      comparison: text(inputs.comparison),
      threshold: amount(inputs.threshold),
      period: text(inputs.period),
    }),
  };
}

async function readAlert(client: DigitalOcean, check: string, id: string): Promise<Props | undefined> {
  const found = await lookUp("Error retrieving check", () =>
    client.get<{ alert: UptimeAlert }>(`uptime/checks/${check}/alerts/${id}`),
  );
  if (found === undefined) return undefined;
  const { alert } = found;
  return {
    checkId: check,
    name: alert.name,
    type: alert.type,
    threshold: alert.threshold ?? 0,
    comparison: alert.comparison ?? "",
    period: alert.period ?? "",
    notifications: [notificationsState(alert.notifications ?? {})],
  };
}
