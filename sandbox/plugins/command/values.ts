import type { Props, Value } from "../bridge/schema.ts";
import { isObject } from "../bridge/values.ts";

/** How the engine marks values that are more than JSON. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

export function isSecret(value: Value | undefined): value is { value: Value } {
  return isObject(value) && value[SIGNATURE] === SECRET;
}

export function secret(value: Value): Value {
  return isSecret(value) ? value : { [SIGNATURE]: SECRET, value };
}

/** The value without any of its secret marks, however deep. */
export function reveal<T extends Value>(value: T): T;
export function reveal(value: Value): Value {
  if (isSecret(value)) return reveal(value.value);
  if (Array.isArray(value)) return value.map((item) => reveal(item));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, reveal(item)]));
}

export function isAsset(value: Value | undefined): value is Props {
  return isObject(value) && value[SIGNATURE] === ASSET;
}

export function isArchive(value: Value | undefined): value is Props {
  return isObject(value) && value[SIGNATURE] === ARCHIVE;
}

export function fileAsset(path: string, hash: string): Props {
  return { [SIGNATURE]: ASSET, path, hash };
}

export function assetArchive(assets: Props, hash: string): Props {
  return { [SIGNATURE]: ARCHIVE, assets, hash };
}

export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
