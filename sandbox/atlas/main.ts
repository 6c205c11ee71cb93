/**
 * A stand-in for the Atlas CMMS backend: the HTTP contract of the original over a real PostgreSQL, for machines where
 * its image cannot be had.   node main.ts
 *
 * It reads the original's environment (DB_URL, DB_USER, DB_PWD, JWT_SECRET_KEY, PUBLIC_API_URL, PUBLIC_FRONT_URL,
 * STORAGE_TYPE and MAIL_RECIPIENTS must be set) and, for the time that things take, these knobs of its own:
 *   STANDIN_BOOT_MS       what a JVM needs to start, before the database is looked at        (2500)
 *   STANDIN_MIGRATION_MS  added to the first start, spread evenly over its changesets        (2500)
 *   STANDIN_WAIT_FACTOR   scales the original's long waits: 12 s without a database, 14 s with a wrong password,
 *                         5 min for the changelog lock, 30 s for a connection, 39 s to stop,
 *                         9 min of a busy core (both only while SPRINGDOC_API_DOCS_ENABLED is on)   (1)
 * and for a licence:
 *   STANDIN_LICENSE       what the licence server would grant to LICENSE_KEY: entitlements with commas between them,
 *                         such as FILE_ATTACHMENTS,API_ACCESS, or ALL                         (nothing)
 * It exits with 1 when it cannot start, and with 143 after SIGTERM.
 */
import type { Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { App } from "./app.ts";
import { apiKeyRoutes } from "./auth/api-keys.ts";
import { DEMO_LIMIT, demoRoutes } from "./auth/demo.ts";
import { authRoutes } from "./auth/routes.ts";
import { initialise } from "./bootstrap.ts";
import { Database } from "./database/database.ts";
import { migrate } from "./database/migrate.ts";
import { readKnobs, readSettings, type Settings } from "./env.ts";
import { RateLimiter } from "./http/rate-limit.ts";
import type { Route } from "./http/router.ts";
import { createHttpServer } from "./http/server.ts";
import { stdoutLogger } from "./log.ts";
import { assetRoutes } from "./resources/assets.ts";
import { categoryRoutes } from "./resources/categories.ts";
import { fileRoutes } from "./resources/files.ts";
import { apiDocsRoutes, instanceRoutes, swaggerRoutes } from "./resources/instance.ts";
import { locationRoutes } from "./resources/locations.ts";
import { teamRoutes } from "./resources/teams.ts";
import { userRoutes } from "./resources/users.ts";
import { workOrderRoutes } from "./resources/work-orders.ts";
import { StartFailure } from "./start-failure.ts";
import { prepareStorage } from "./storage.ts";

const LOG = "com.grash.ApiApplication";
const NO_DATABASE_MS = 12_000;
const WRONG_PASSWORD_MS = 14_000;
const BUSY_CORE_MS = 9 * 60_000;
const SLOW_STOP_MS = 39_000;

const startedAt = Date.now();
const log = stdoutLogger();
let server: Server | undefined;
let slowStopMs = 0;

for (const [signal, code] of [
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const) {
  process.once(signal, () => void stop(code));
}

try {
  await start();
} catch (fault) {
  await reportFailure(fault);
}

async function start(): Promise<void> {
  log.info(LOG, `Starting ApiApplication v0.0.1-SNAPSHOT using Java 17 with PID ${process.pid}`);
  log.info(LOG, 'The following 1 profile is active: "dev"');
  await sleep(readKnobs(process.env).bootMs);
  const settings = readSettings(process.env);
  await migrate(settings.database, settings.knobs, log);
  if (settings.minio) await prepareStorage(settings.minio);
  const database = new Database(settings.database);
  await initialise(database, settings.licence, log);
  if (settings.apiDocs) generateApiDocs(settings);
  server = createHttpServer(createApp(settings, database), allRoutes(settings));
  await listen(server, settings);
  const seconds = (Date.now() - startedAt) / 1000;
  log.info(
    LOG,
    `Started ApiApplication in ${seconds.toFixed(3)} seconds (process running for ${process.uptime().toFixed(3)})`,
  );
}

function createApp(settings: Settings, database: Database): App {
  const { rateLimits } = settings;
  return {
    settings,
    database,
    log,
    ingress: settings.ingress,
    limits: {
      enabled: rateLimits.enabled,
      anonymous: new RateLimiter(rateLimits.anonymous, Date.now),
      authenticated: new RateLimiter(rateLimits.authenticated, Date.now),
      demo: new RateLimiter(DEMO_LIMIT, Date.now),
      upload: new RateLimiter(rateLimits.upload, Date.now),
    },
  };
}

function allRoutes(settings: Settings): Route[] {
  const routes = [
    ...instanceRoutes,
    ...authRoutes,
    ...demoRoutes,
    ...userRoutes,
    ...assetRoutes,
    ...locationRoutes,
    ...teamRoutes,
    ...categoryRoutes,
    ...fileRoutes,
    ...apiKeyRoutes,
    ...workOrderRoutes,
  ];
  return [
    ...routes,
    ...(settings.apiDocs ? apiDocsRoutes(routes) : []),
    ...(settings.apiDocs && settings.swaggerUi ? swaggerRoutes() : []),
  ];
}

/** It recurses in the original: a core stays busy, and a stop has to wait for it. */
function generateApiDocs({ knobs }: Settings): void {
  slowStopMs = SLOW_STOP_MS * knobs.waitFactor;
  const worker = new Worker(new URL("./springdoc-worker.ts", import.meta.url), {
    workerData: BUSY_CORE_MS * knobs.waitFactor,
  });
  worker.once("error", (fault) => log.warn("org.springdoc.api.AbstractOpenApiResource", fault.message));
  worker.unref();
}

async function listen(target: Server, { port, address }: Settings): Promise<void> {
  const listening = Promise.withResolvers<void>();
  target.once("error", (fault) => {
    listening.reject(new StartFailure(`Web server failed to start. ${fault.message}`, { cause: fault }));
  });
  target.listen({ port, ...(address === undefined ? {} : { host: address }) }, () => listening.resolve());
  await listening.promise;
  log.info(
    "o.s.b.w.embedded.tomcat.TomcatWebServer",
    `Tomcat started on port ${port} (http) with context path '/'`,
  );
}

/** The original's pool tries for a while before the start gives up. */
async function reportFailure(fault: unknown): Promise<never> {
  if (!(fault instanceof StartFailure)) throw fault;
  const patience = fault.message.includes("password authentication failed")
    ? WRONG_PASSWORD_MS
    : fault.message.includes("PSQLException")
      ? NO_DATABASE_MS
      : 0;
  const remaining = startedAt + patience * readKnobs(process.env).waitFactor - Date.now();
  if (remaining > 0) await sleep(remaining);
  log.error("o.s.boot.SpringApplication", `Application run failed: ${fault.message}`);
  process.exit(1);
}

/** Open connections are cut, like those of a server without graceful shutdown. */
async function stop(code: number): Promise<never> {
  server?.close();
  server?.closeAllConnections();
  log.info("com.zaxxer.hikari.HikariDataSource", "HikariPool-1 - Shutdown initiated...");
  if (slowStopMs > 0) await sleep(slowStopMs);
  process.exit(code);
}
