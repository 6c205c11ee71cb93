import { amount, fields, flag, given, text, texts } from "../../bridge/props.ts";
import type { Props } from "../../bridge/schema.ts";
import { isSet, isZero } from "../../bridge/values.ts";
import { lowerCase } from "../checks.ts";

const NO_POLICY = "backup_policy can only be set when backups are enabled";

/** The body that asks for a Droplet. */
export function createRequest(inputs: Props): object {
  if (!isZero(inputs.backupPolicy) && !flag(inputs.backups)) throw new Error(NO_POLICY);
  return {
    name: text(inputs.name),
    region: lowerCase(text(inputs.region)),
    size: lowerCase(text(inputs.size)),
    image: numberOrText(text(inputs.image)),
    ssh_keys: texts(inputs.sshKeys).map(numberOrText),
    backups: flag(inputs.backups),
    ipv6: flag(inputs.ipv6),
    private_networking: flag(inputs.privateNetworking),
    monitoring: flag(inputs.monitoring),
    tags: texts(inputs.tags),
    ...given({
      user_data: text(inputs.userData),
      volumes: texts(inputs.volumeIds).filter((id) => id !== ""),
      vpc_uuid: text(inputs.vpcUuid),
      gpu_partition_mode: text(inputs.gpuPartitionMode),
    }),
    ...(!isZero(inputs.backupPolicy) && { backup_policy: policyRequest(inputs) }),
    // Absent means: try to install it; that is not the same as true, which makes a failure fatal.
    ...(isSet(inputs.dropletAgent) && { with_droplet_agent: flag(inputs.dropletAgent) }),
    ...(inputs.publicNetworking === false && { public_networking: false }),
  };
}

export function policyRequest(inputs: Props): object {
  if (!flag(inputs.backups)) throw new Error(NO_POLICY);
  const policy = fields(inputs.backupPolicy);
  return {
    ...given({ plan: text(policy.plan), weekday: text(policy.weekday) }),
    // Midnight is an hour like any other.
    hour: amount(policy.hour),
  };
}

/** Images and keys are named by number or by slug or fingerprint. */
function numberOrText(name: string): number | string {
  return /^[+-]?\d+$/.test(name) ? Number(name) : name;
}
