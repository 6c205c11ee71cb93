import type Docker from "dockerode";
import type { NetworkInspectInfo } from "dockerode";
import {
  boolean,
  object,
  type Props,
  type ResourceDefinition,
  set,
  string,
  stringMap,
} from "../bridge/schema.ts";
import { pause, waitForState } from "../bridge/waiting.ts";
import { calling, isMissing, lookUp, messageOf } from "./engine.ts";
import { labels } from "./label.ts";
import { flag, given, labelList, labelMap, objects, text, textMap } from "./props.ts";

/** The original's pace: it looks at a network only two seconds after making it. */
const SETTLE = 2_000;
const REMOVAL = { delay: 2_000, interval: 5_000, timeout: 30_000 };

export const network: ResourceDefinition<Docker> = {
  schemaVersion: 1,
  inputs: {
    attachable: boolean({ forceNew: true }),
    driver: string({ forceNew: true, computed: true }),
    ingress: boolean({ forceNew: true }),
    internal: boolean({ forceNew: true, computed: true }),
    ipamConfigs: set(
      object({ auxAddress: stringMap(), gateway: string(), ipRange: string(), subnet: string() }),
      { forceNew: true, computed: true },
    ),
    ipamDriver: string({ forceNew: true, default: "default" }),
    ipamOptions: stringMap({ forceNew: true }),
    ipv6: boolean({ forceNew: true }),
    labels,
    name: string({ forceNew: true, autoname: true }),
    options: stringMap({ forceNew: true, computed: true }),
  },
  outputs: { scope: string({ computed: true }) },

  async create({ client, signal }, inputs) {
    const made = await calling("Unable to create network", () => client.createNetwork(networkBody(inputs)));
    await pause(SETTLE, signal);
    const found = await calling("Unable to inspect network", () => client.getNetwork(made.id).inspect());
    const state = networkState(found);
    return { id: found.Id, state: inputs.ipamOptions ? state : { ...state, ipamOptions: null } };
  },
  async read({ client, signal }, id) {
    await pause(SETTLE, signal);
    const found = await lookUp<NetworkInspectInfo>(() => client.getNetwork(id).inspect());
    return found && { id: found.Id, state: networkState(found) };
  },
  async update() {
    throw new Error("a network has nothing to update: every change replaces it");
  },
  async delete({ client, signal }, id) {
    await waitForState("removed", () => removeNetwork(client, id), REMOVAL, signal);
  },
};

export function networkBody(inputs: Props): Docker.NetworkCreateOptions {
  const pools = objects(inputs.ipamConfigs).map((pool) =>
    given({
      Subnet: text(pool.subnet),
      IPRange: text(pool.ipRange),
      Gateway: text(pool.gateway),
      AuxiliaryAddresses: textMap(pool.auxAddress),
    }),
  );
  const ipam = given({
    Driver: text(inputs.ipamDriver),
    Config: pools,
    Options: textMap(inputs.ipamOptions),
  });
  return {
    ...given({
      Driver: text(inputs.driver),
      Internal: flag(inputs.internal),
      Attachable: flag(inputs.attachable),
      Ingress: flag(inputs.ingress),
      EnableIPv6: flag(inputs.ipv6),
      Options: textMap(inputs.options),
      Labels: labelMap(inputs.labels),
      IPAM: ipam as Docker.IPAM,
    }),
    Name: text(inputs.name),
    // Without it the engine makes a second network of the same name.
    CheckDuplicate: true,
  };
}

export function networkState(found: NetworkInspectInfo): Props {
  return {
    name: found.Name,
    driver: found.Driver,
    scope: found.Scope,
    internal: found.Internal,
    attachable: found.Attachable,
    ingress: found.Ingress,
    ipv6: found.EnableIPv6,
    options: found.Options ?? {},
    labels: labelList(found.Labels),
    ipamDriver: found.IPAM?.Driver ?? "default",
    ipamOptions: found.IPAM?.Options ?? {},
    ipamConfigs: (found.IPAM?.Config ?? []).map(poolState),
  };
}

function poolState(pool: { [key: string]: unknown }): Props {
  const part = (key: string) => (typeof pool[key] === "string" ? pool[key] : "");
  return {
    subnet: part("Subnet"),
    ipRange: part("IPRange"),
    gateway: part("Gateway"),
    auxAddress: (pool.AuxiliaryAddresses ?? {}) as Props,
  };
}

async function removeNetwork(client: Docker, id: string): Promise<"removed" | "pending"> {
  try {
    await client.getNetwork(id).remove();
    return "removed";
  } catch (cause) {
    if (isMissing(cause)) return "removed";
    if (messageOf(cause).includes("has active endpoints")) return "pending";
    throw new Error(messageOf(cause), { cause });
  }
}
