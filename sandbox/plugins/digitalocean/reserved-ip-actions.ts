import type { Context } from "../bridge/schema.ts";
import { waitForState } from "../bridge/waiting.ts";
import type { Action, ReservedIp } from "./api.ts";
import type { DigitalOcean } from "./client.ts";
import { calling, isMissing } from "./errors.ts";
import { MINUTE, paceOf } from "./waiting.ts";

type Caller = Context<DigitalOcean>;

export async function getAddress({ client }: Caller, ip: string): Promise<ReservedIp> {
  return (await client.get<{ reserved_ip: ReservedIp }>(`reserved_ips/${ip}`)).reserved_ip;
}

export async function assign(context: Caller, ip: string, droplet: number): Promise<void> {
  const action = await calling(`Error Assigning reserved IP (${ip}) to the Droplet`, () =>
    act(context, ip, { type: "assign", droplet_id: droplet }),
  );
  await calling(`Error waiting for reserved IP (${ip}) to be Assigned`, () =>
    waitForMove(context, ip, action, (found) => found.droplet?.id === droplet),
  );
}

export async function unassign(context: Caller, ip: string): Promise<void> {
  const action = await calling(`Error unassigning reserved IP (${ip}) from the droplet`, () =>
    act(context, ip, { type: "unassign" }),
  );
  await waitForUnassigned(context, ip, action);
}

export function waitForUnassigned(context: Caller, ip: string, action: Action): Promise<void> {
  return calling(`Error waiting for reserved IP (${ip}) to be unassigned`, () =>
    waitForMove(context, ip, action, (found) => !found.droplet),
  );
}

export async function act({ client }: Caller, ip: string, body: object): Promise<Action> {
  return (await client.post<{ action: Action }>(`reserved_ips/${ip}/actions`, body)).action;
}

/** A Droplet that is busy with something else would refuse the address. */
export async function waitUntilIdle({ client, signal }: Caller, droplet: number): Promise<void> {
  const look = async () => {
    const { actions } = await client.get<{ actions: Action[] }>(`droplets/${droplet}/actions?per_page=50`);
    return actions.every(({ status }) => status === "completed" || status === "errored")
      ? "ready"
      : "waiting";
  };
  await calling(`Error waiting for droplet (${droplet}) to be ready for reserved IP assign`, () =>
    waitForState("ready", look, paceOf(2 * MINUTE), signal),
  );
}

/** Some actions can never be looked at: then the address itself tells whether it has moved. */
async function waitForMove(
  context: Caller,
  ip: string,
  { id }: Action,
  hasMoved: (found: ReservedIp) => boolean,
): Promise<void> {
  const look = async () => {
    try {
      const path = `reserved_ips/${ip}/actions/${id}`;
      return (await context.client.get<{ action: Action }>(path)).action.status;
    } catch (cause) {
      if (!isMissing(cause)) throw cause;
      return hasMoved(await getAddress(context, ip)) ? "completed" : "in-progress";
    }
  };
  await waitForState("completed", look, paceOf(60 * MINUTE), context.signal, ["new", "in-progress"]);
}
