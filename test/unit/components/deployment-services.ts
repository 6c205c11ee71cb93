import { servicesFor } from "../../../components/services/services.ts";
import { configured } from "./configuration.ts";

export const secrets = {
  databasePassword: "db-secret",
  storagePassword: "storage-secret",
  jwtKey: "jwt-secret",
};

/** What runs for a configuration, with the secrets above. */
export function servicesOf(values: Record<string, string> = {}) {
  const config = configured(values);
  return servicesFor(config, secrets, { backend: config.backendEnv, frontend: config.frontendEnv });
}
