import { type AtlasConfig, parseConfig } from "../../../components/config.ts";
import { ConfigFaults, type Fault } from "../../../components/config-faults.ts";

/** The only key without a usable default. */
export const required = { adminEmail: "admin@plant.example" };

/** Parses `atlas:` values on top of the required ones. */
export function configured(
  values: Record<string, string> = {},
  { secretKeys = [], stack = "dev" }: { secretKeys?: string[]; stack?: string } = {},
): AtlasConfig {
  return parseConfig({ values: { ...required, ...values }, secretKeys: new Set(secretKeys), stack });
}

/** The error of a wrong configuration. */
export function refused(values: Record<string, string>, secretKeys: string[] = []): ConfigFaults {
  try {
    configured(values, { secretKeys });
  } catch (error) {
    if (error instanceof ConfigFaults) return error;
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(values)}`);
}

export const faultsOf = (values: Record<string, string>, secretKeys: string[] = []): Fault[] =>
  refused(values, secretKeys).faults;

export const json = (value: unknown): string => JSON.stringify(value);
