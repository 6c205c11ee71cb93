import { isSame } from "../../bridge/diff.ts";
import { flag, text, texts } from "../../bridge/props.ts";
import type { Context, Props } from "../../bridge/schema.ts";
import { isZero } from "../../bridge/values.ts";
import type { Action } from "../api.ts";
import type { DigitalOcean } from "../client.ts";
import { calling, messageOf } from "../errors.ts";
import { changeTags } from "../tags.ts";
import { waitForAction } from "../waiting.ts";
import { policyRequest } from "./request.ts";
import * as schema from "./schema.ts";
import { detachVolume } from "./volumes.ts";
import { statusOf, type Wish, waitForDroplet } from "./watch.ts";

type Caller = Context<DigitalOcean>;

/** One change after the other, for a Droplet takes one action at a time. */
export async function updateDroplet(context: Caller, id: string, old: Props, inputs: Props): Promise<void> {
  const changed = (key: string) => {
    const spec = schema.inputs[key];
    return spec !== undefined && !isSame(spec, old[key], inputs[key]);
  };
  if (changed("size")) await resize(context, id, inputs);
  if (changed("name")) await rename(context, id, text(old.name), text(inputs.name));
  if (changed("backups")) await switchBackups(context, id, inputs);
  if (changed("backupPolicy") && !isZero(inputs.backupPolicy)) await changePolicy(context, id, inputs);
  if (changed("privateNetworking") && flag(inputs.privateNetworking))
    await enable(context, id, "enable_private_networking", "private_networking", "private networking");
  if (changed("ipv6") && flag(inputs.ipv6)) await enable(context, id, "enable_ipv6", "ipv6", "ipv6");
  if (changed("tags")) await changeTags(context, "droplet", id, old, inputs);
  if (changed("volumeIds")) await changeVolumes(context, id, texts(old.volumeIds), texts(inputs.volumeIds));
}

export async function act(
  { client }: Caller,
  id: string,
  type: string,
  details: object = {},
): Promise<Action> {
  return (await client.post<{ action: Action }>(`droplets/${id}/actions`, { type, ...details })).action;
}

async function resize(context: Caller, id: string, inputs: Props): Promise<void> {
  await powerOff(context, id);
  const [size, disk] = [text(inputs.size), flag(inputs.resizeDisk)];
  const action = await orBackOn(context, id, `Error resizing droplet (${id})`, () =>
    act(context, id, "resize", { size, disk }),
  );
  await orBackOn(context, id, `Error waiting for resize droplet (${id}) to finish`, () =>
    waitForAction(context, action),
  );
  await powerOn(context, id, "after resize");
}

async function powerOff(context: Caller, id: string): Promise<void> {
  await calling(`Error powering off droplet (${id})`, async () => {
    try {
      await act(context, id, "power_off");
    } catch (cause) {
      if (!messageOf(cause).includes("Droplet is already powered off")) throw cause;
    }
  });
  await calling(`Error waiting for droplet (${id}) to become powered off`, () =>
    waitForDroplet(context, id, wish(context, "off", ["active"], statusOf)),
  );
}

async function powerOn(context: Caller, id: string, when: string): Promise<void> {
  await calling(`Error powering on droplet (${id}) ${when}`, () => act(context, id, "power_on"));
  await waitForDroplet(context, id, wish(context, "active", ["off"], statusOf));
}

/** A Droplet that could not be resized is to run as before. */
async function orBackOn<T>(context: Caller, id: string, what: string, step: () => Promise<T>): Promise<T> {
  try {
    return await calling(what, step);
  } catch (cause) {
    await powerOn(context, id, "after failed resize");
    throw cause;
  }
}

async function rename(context: Caller, id: string, oldName: string, name: string): Promise<void> {
  await calling(`Error renaming droplet (${id})`, () => act(context, id, "rename", { name }));
  await calling(`Error waiting for rename droplet (${id}) to finish`, () =>
    waitForDroplet(
      context,
      id,
      wish(context, name, [oldName], (droplet) => droplet.name),
    ),
  );
}

async function switchBackups(context: Caller, id: string, inputs: Props): Promise<void> {
  const isOn = flag(inputs.backups);
  const hasPolicy = !isZero(inputs.backupPolicy);
  const policy = hasPolicy ? { backup_policy: policyRequest(inputs) } : {};
  const [type, doing, done] = isOn
    ? ["enable_backups", "enabling", "enabled"]
    : ["disable_backups", "disabling", "disabled"];
  const action = await calling(`Error ${doing} backups on droplet (${id})`, () =>
    act(context, id, type, policy),
  );
  await calling(`Error waiting for backups to be ${done} for droplet (${id})`, () =>
    waitForAction(context, action),
  );
}

async function changePolicy(context: Caller, id: string, inputs: Props): Promise<void> {
  const body = { backup_policy: policyRequest(inputs) };
  const action = await calling(`error changing backup policy on droplet (${id})`, () =>
    act(context, id, "change_backup_policy", body),
  );
  await calling(`error waiting for backup policy to be changed for droplet (${id})`, () =>
    waitForAction(context, action),
  );
}

async function enable(
  context: Caller,
  id: string,
  type: string,
  feature: string,
  name: string,
): Promise<void> {
  await calling(`Error turning on ${name} for droplet (${id})`, () => act(context, id, type));
  await calling(`Error waiting for ${name} to be turned on for droplet (${id})`, () =>
    waitForDroplet(
      context,
      id,
      wish(context, "true", ["false"], ({ features = [] }) => String(features.includes(feature))),
    ),
  );
}

/** What is new is attached before what is no longer wanted is detached. */
async function changeVolumes(context: Caller, id: string, old: string[], wanted: string[]): Promise<void> {
  for (const volume of wanted.filter((one) => !old.includes(one))) {
    const { action } = await calling(`Error attaching volume "${volume}" to droplet (${id})`, () =>
      context.client.post<{ action: Action }>(`volumes/${volume}/actions`, {
        type: "attach",
        droplet_id: Number(id),
      }),
    );
    await calling(`Error waiting for volume "${volume}" to attach to droplet (${id})`, () =>
      waitForAction(context, action),
    );
  }
  for (const volume of old.filter((one) => !wanted.includes(one)))
    await calling(`Error detaching volume "${volume}" on droplet ${id}`, () =>
      detachVolume(context, id, volume),
    );
}

function wish(context: Caller, wanted: string, pending: string[], tell: Wish["tell"]): Wish {
  const timeout = (context.timeoutSeconds ?? 3600) * 1000;
  return { wanted, pending, tell, purpose: "update", timeout };
}
