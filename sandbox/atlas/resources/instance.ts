import { empty, json, page, type Reply, success } from "../http/reply.ts";
import { type Call, type Route, route } from "../http/router.ts";
import { licenceState } from "../licence.ts";
import { mailIsHealthy } from "../mail.ts";

/** What concerns the installation and not an organisation. */
export const instanceRoutes: Route[] = [
  route("GET", "/health-check", "public", async () => success("Service is up and running")),
  route("GET", "/license/state", "public", async ({ app }) => json(licenceState(app.settings.licence))),
  route("GET", "/instance-config", "public", async () => json({ ldapEnabled: false })),
  route("GET", "/subscription-plans", "public", plans),
  route("GET", "/api-docs.html", "public", async () => page("text/html", API_DOCS_PAGE)),
  route("GET", "/actuator", "signed-in", async (call) => actuator(actuatorIndex(call.origin))),
  route("GET", "/actuator/health", "signed-in", deepHealth),
];

/** Only while OpenAPI generation is on. */
export function apiDocsRoutes(paths: readonly Route[]): Route[] {
  const document = {
    openapi: "3.1.0",
    info: { title: "Atlas CMMS API", version: "0.0.1-SNAPSHOT" },
    paths: Object.fromEntries(paths.map(({ path }) => [path.replace(/:(\w+)/g, "{$1}"), {}])),
  };
  return [route("GET", "/v3/api-docs", "public", async () => json(document))];
}

export function swaggerRoutes(): Route[] {
  return [
    route("GET", "/swagger-ui.html", "public", async () =>
      empty(302, { Location: "/swagger-ui/index.html" }),
    ),
    route("GET", "/swagger-ui/index.html", "public", async () => page("text/html", API_DOCS_PAGE)),
  ];
}

const API_DOCS_PAGE =
  '<!DOCTYPE html><html lang="en"><head><title>Atlas CMMS API</title></head><body><h1>Atlas CMMS API</h1></body></html>';

async function plans(call: Call): Promise<Reply> {
  return await call.app.database.transaction(async (sql) =>
    json(
      await sql.rows(
        `SELECT p.id, p.name, p.code, p.monthly_cost_per_user AS "monthlyCostPerUser",
           p.yearly_cost_per_user AS "yearlyCostPerUser",
           ARRAY(SELECT f.features FROM subscription_plan_features f WHERE f.subscription_plan_id = p.id) AS features
         FROM subscription_plan p ORDER BY p.id`,
      ),
    ),
  );
}

function actuator(value: object, status = 200): Reply {
  return page("application/vnd.spring-boot.actuator.v3+json", JSON.stringify(value), status);
}

function actuatorIndex(origin: string): object {
  const href = `${origin}/actuator`;
  return {
    _links: {
      self: { href, templated: false },
      "health-path": { href: `${href}/health/{*path}`, templated: true },
      health: { href: `${href}/health`, templated: false },
    },
  };
}

async function deepHealth(call: Call): Promise<Reply> {
  const { database, settings } = call.app;
  const checks = await Promise.all([database.isUp(), mailIsHealthy(settings.mail)]);
  const isUp = checks.every(Boolean);
  return actuator({ status: isUp ? "UP" : "DOWN" }, isUp ? 200 : 503);
}
