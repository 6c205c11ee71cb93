import type { Context } from "../../bridge/schema.ts";
import { waitForState } from "../../bridge/waiting.ts";
import type { Droplet } from "../api.ts";
import type { DigitalOcean } from "../client.ts";
import { calling, isMissing, lookUp } from "../errors.ts";
import { MINUTE, paceOf } from "../waiting.ts";
import { addressOf } from "./state.ts";

type Caller = Context<DigitalOcean>;

/** A missing Droplet is one that is still to appear, one that is gone as wished, or one that got lost. */
type Purpose = "creation" | "update" | "deletion";

export interface Wish {
  wanted: string;
  pending: readonly string[];
  tell: (droplet: Droplet) => string;
  purpose: Purpose;
  timeout: number;
}

export const statusOf = ({ status }: Droplet): string => status;

export async function getDroplet({ client }: Caller, id: string | number): Promise<Droplet> {
  return (await client.get<{ droplet: Droplet }>(`droplets/${id}`)).droplet;
}

export function findDroplet(context: Caller, id: string): Promise<Droplet | undefined> {
  return lookUp("Error retrieving droplet", () => getDroplet(context, id));
}

/**
 * Waits until an unlocked Droplet is as wished: while it is locked it would refuse the next action anyway. Gives
 * the Droplet as it then is.
 */
export async function waitForDroplet(context: Caller, id: string, wish: Wish): Promise<Droplet | undefined> {
  let droplet: Droplet | undefined;
  const look = async () => {
    droplet = await lookFor(context, id, wish.purpose);
    if (droplet === undefined) return wish.purpose === "deletion" ? "Not Found" : "";
    return droplet.locked ? "" : wish.tell(droplet);
  };
  await waitForState(wish.wanted, look, paceOf(wish.timeout), context.signal, wish.pending);
  return droplet;
}

async function lookFor(context: Caller, id: string, purpose: Purpose): Promise<Droplet | undefined> {
  try {
    return await getDroplet(context, id);
  } catch (cause) {
    if (isMissing(cause) && purpose !== "update") return undefined;
    if (isMissing(cause)) throw new Error(`droplet (${id}) not found during update`, { cause });
    return calling("Error retrieving droplet", () => Promise.reject(cause));
  }
}

/** A Droplet can be active before it has its addresses. */
export async function waitForAddress(
  context: Caller,
  id: string,
  type: "public" | "private",
): Promise<Droplet> {
  let droplet: Droplet | undefined;
  const look = async () => {
    droplet = await lookFor(context, id, "creation");
    return addressOf(droplet?.networks?.v4, type) === "" ? "waiting" : "ready";
  };
  await waitForState("ready", look, paceOf(5 * MINUTE), context.signal);
  if (droplet === undefined) throw new Error(`droplet (${id}) has an address but cannot be read`);
  return droplet;
}
