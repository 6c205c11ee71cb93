import { createHash } from "node:crypto";
import { boolean, type Fields, number, object, set, string } from "../../bridge/schema.ts";
import { between, lowerCase, notEmpty, oneOf } from "../checks.ts";
import { tags } from "../tags.ts";

const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const PARTITION_MODES = ["PARTITION_MODE_SPX_NPS1", "PARTITION_MODE_DPX_NPS2"];

/** The API never gives user data back, so the state keeps what is enough to tell a change. */
export const sha1 = (text: unknown): string => createHash("sha1").update(String(text)).digest("hex");

export const inputs: Fields = {
  backupPolicy: object({
    hour: number({ validate: between(0, 20) }),
    plan: string({ validate: oneOf(["daily", "weekly"]) }),
    weekday: string({ validate: oneOf(WEEKDAYS) }),
  }),
  backups: boolean({ default: false }),
  dropletAgent: boolean({ forceNew: true }),
  gpuPartitionMode: string({ forceNew: true, validate: oneOf(PARTITION_MODES) }),
  gracefulShutdown: boolean({ default: false }),
  image: string({ required: true, forceNew: true, validate: notEmpty }),
  // It can be switched on in place, but not off.
  ipv6: boolean({ default: false, forceNewIf: (old, value) => old === true && value === false }),
  ipv6Address: string({ computed: true }),
  monitoring: boolean({ default: false, forceNew: true }),
  name: string({ autoname: true, validate: notEmpty }),
  privateNetworking: boolean({ computed: true }),
  publicNetworking: boolean({ computed: true, forceNew: true }),
  region: string({ computed: true, forceNew: true, stored: lowerCase, validate: notEmpty }),
  resizeDisk: boolean({ default: true }),
  size: string({ required: true, stored: lowerCase, validate: notEmpty }),
  sshKeys: set(string({ validate: notEmpty }), { forceNew: true }),
  tags,
  userData: string({ forceNew: true, stored: sha1, validate: notEmpty }),
  volumeIds: set(string(), { computed: true }),
  vpcUuid: string({ computed: true, forceNew: true, validate: notEmpty }),
};

export const outputs: Fields = {
  createdAt: string({ computed: true }),
  disk: number({ computed: true }),
  dropletUrn: string({ computed: true }),
  ipv4Address: string({ computed: true }),
  ipv4AddressPrivate: string({ computed: true }),
  locked: boolean({ computed: true }),
  memory: number({ computed: true }),
  priceHourly: number({ computed: true }),
  priceMonthly: number({ computed: true }),
  status: string({ computed: true }),
  vcpus: number({ computed: true }),
};
