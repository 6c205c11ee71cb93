import type { Database } from "./database/database.ts";
import type { Settings } from "./env.ts";
import type { IngressTrust } from "./http/client-ip.ts";
import type { RateLimiter } from "./http/rate-limit.ts";
import type { Logger } from "./log.ts";

/** What every handler may use. */
export interface App {
  settings: Settings;
  database: Database;
  limits: Limits;
  ingress: IngressTrust;
  log: Logger;
}

export interface Limits {
  enabled: boolean;
  anonymous: RateLimiter;
  authenticated: RateLimiter;
  demo: RateLimiter;
  upload: RateLimiter;
}
