import { randomUUID } from "node:crypto";
import { ApiError } from "../http/api-error.ts";
import { failure, type Reply } from "../http/reply.ts";
import { type Call, type Route, route } from "../http/router.ts";
import { signUp } from "./signup.ts";

const HOUR = 3_600_000;

/** One account a minute and two in five hours, per address. */
export const DEMO_LIMIT = [
  { capacity: 1, periodMs: HOUR / 60 },
  { capacity: 2, periodMs: 5 * HOUR },
];

export const demoRoutes: Route[] = [route("GET", "/demo/generate-account", "public", generateAccount)];

/**
 * Without a licence the import of the demo data is refused, but only after the organisation and its user were
 * committed: each call leaves them behind.
 */
async function generateAccount(call: Call): Promise<Reply> {
  const { app, ip } = call;
  if (!app.limits.demo.tryConsume(ip)) return failure(200, "Rate limit exceeded. Try again later.");
  await app.database.transaction((sql) =>
    signUp(app, sql, {
      email: `${randomUUID().replaceAll("-", "")}@demo.com`,
      password: "demo1234",
      firstName: "Demo",
      lastName: "Account",
      phone: randomUUID().replaceAll("-", ""),
      companyName: "Demo",
      employeesCount: null,
      language: "EN",
      timeZone: null,
      roleId: null,
      demo: true,
    }),
  );
  throw new ApiError(403, "You need a license to import assets with hierarchy");
}
