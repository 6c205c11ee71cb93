import type { Input } from "@pulumi/pulumi";
import type { AtlasConfig } from "../config.ts";
import { isLoopback } from "../config-schema.ts";
import { backend } from "./backend.ts";
import { frontend } from "./frontend.ts";
import { imageFor } from "./images.ts";
import { ingress } from "./ingress.ts";
import { postgres } from "./postgres.ts";
import type { Service, ServiceName } from "./service.ts";
import { storage, storageUser } from "./storage.ts";

export interface ServiceSecrets {
  databasePassword: Input<string>;
  storagePassword: Input<string>;
  jwtKey: Input<string>;
}

/** Everything that runs for a configuration. `storage` is missing where the configuration turns it off. */
export type Services = Record<Exclude<ServiceName, "storage">, Service> & { storage?: Service };

/** Turns configuration and secrets into what runs; pure, so that hosts and tests see plain data. */
export function servicesFor(
  config: AtlasConfig,
  secrets: ServiceSecrets,
  env: { backend: Record<string, Input<string>>; frontend: Record<string, Input<string>> },
): Services {
  const loopback = isLoopback(config.publicUrl);
  const common = (name: ServiceName) => ({
    image: imageFor(name, config),
    ...(config.memory[name] && { memoryMiB: config.memory[name] }),
  });
  const services: Services = {
    postgres: postgres({
      ...common("postgres"),
      password: secrets.databasePassword,
      port: config.postgresPort,
    }),
    backend: backend({
      ...common("backend"),
      publicUrl: config.publicUrl,
      adminEmail: config.adminEmail,
      databasePassword: secrets.databasePassword,
      jwtKey: secrets.jwtKey,
      ...(config.storage && { storage: { user: storageUser, password: secrets.storagePassword } }),
      env: env.backend,
    }),
    frontend: frontend({ ...common("frontend"), publicUrl: config.publicUrl, env: env.frontend }),
    ingress: ingress({
      ...common("ingress"),
      publicUrl: config.publicUrl,
      loopback,
      storage: config.storage,
      acme: config.droplet?.acme ?? { directory: "", root: "" },
    }),
  };
  if (config.storage) services.storage = storage({ ...common("storage"), password: secrets.storagePassword });
  return services;
}
