import type { Input } from "@pulumi/pulumi";
import { database } from "./postgres.ts";
import type { Service } from "./service.ts";
import { bucket, storagePort } from "./storage.ts";

export const backendPort = 8080;

// Upstream's own command leaves a shell as PID 1, which never tells Java to stop; and Atlas gives up when Postgres or
// the object store is late, also after a reboot, so it is started once they listen.
const start = (waitFor: string[]) => `
trap 'exit 143' TERM
for address in ${waitFor.join(" ")}; do
  until (exec 3<> "/dev/tcp/$address") 2> /dev/null; do sleep 0.2; done
done
trap - TERM
exec java --add-opens=java.base/java.lang=ALL-UNNAMED $JAVA_OPTS -jar /app/my-spring-boot-app.jar`;

// An unknown user's sign-in is refused after a look into the database (500 or silence when that is gone). It costs one
// anonymous request of 80 an hour and address, so each probe comes from another loopback address of a pool of 240:
// the limiter believes X-Forwarded-For, which the proxy overwrites for everybody else.
const probe = `
address=127.0.0.$(( $(date +%s) / 15 % 240 + 10 ))
status=$(curl -s -o /dev/null -m 8 -w '%{http_code}' http://127.0.0.1:${backendPort}/auth/signin \
  -H "X-Forwarded-For: $address" -H 'Content-Type: application/json' \
  -d '{"email":"health@check.invalid","password":"none","type":"CLIENT"}')
[ "$status" = 403 ]`;

export interface BackendArgs {
  image: string;
  memoryMiB?: number;
  publicUrl: URL;
  adminEmail: string;
  databasePassword: Input<string>;
  jwtKey: Input<string>;
  storage?: { user: string; password: Input<string> };
  /** Further variables; they win over the defaults here, and config.ts refuses those that must not be set. */
  env: Record<string, Input<string>>;
}

/** Names that mean the container itself without an entry in its hosts file. */
const knownToContainers = (host: string) => host === "localhost" || host === "127.0.0.1";

export function backend(args: BackendArgs): Service {
  const url = args.publicUrl.origin;
  return {
    name: "backend",
    image: args.image,
    command: [
      "bash",
      "-c",
      start([`${database.host}/5432`, ...(args.storage ? [`storage/${storagePort}`] : [])]).trim(),
    ],
    env: {
      DB_URL: `${database.host}/${database.name}`,
      DB_USER: database.user,
      DB_PWD: args.databasePassword,
      JWT_SECRET_KEY: args.jwtKey,
      PUBLIC_API_URL: `${url}/api`,
      PUBLIC_FRONT_URL: url,
      STORAGE_TYPE: "minio",
      ...(args.storage && {
        MINIO_ENDPOINT: `http://storage:${storagePort}`,
        MINIO_BUCKET: bucket,
        MINIO_ACCESS_KEY: args.storage.user,
        MINIO_SECRET_KEY: args.storage.password,
        PUBLIC_MINIO_ENDPOINT: `${url}/storage`,
      }),
      // Both together shut every sign-up door from the first second (atlas-api.md 2.2).
      ALLOWED_ORGANIZATION_ADMINS: args.adminEmail,
      INVITATION_VIA_EMAIL: "true",
      MAIL_RECIPIENTS: "",
      ENABLE_EMAIL_NOTIFICATIONS: "false",
      ENABLE_MAIL_HEALTH_CHECK: "false",
      // One origin serves everything; a check by Origin would only refuse people who use another name of the machine.
      ENABLE_CORS: "false",
      SINGLE_INGRESS: "true",
      // Generating the API documentation recurses and keeps a core busy.
      SPRINGDOC_API_DOCS_ENABLED: "false",
      SPRINGDOC_SWAGGER_UI_ENABLED: "false",
      SPRINGDOC_PRE_LOADING_ENABLED: "false",
      // An out-of-memory JVM lingers half dead; the restart policy mends a dead one.
      JAVA_OPTS: "-XX:MaxRAMPercentage=60 -XX:+ExitOnOutOfMemoryError",
      ...args.env,
    },
    files: [],
    volumes: [],
    ports: [],
    networks: ["web", "data"],
    // Atlas lets the first administrator found an organisation without mail only where its public name is loopback.
    hosts: knownToContainers(args.publicUrl.hostname)
      ? []
      : [{ name: args.publicUrl.hostname, address: "127.0.0.1" }],
    memoryMiB: args.memoryMiB ?? 1536,
    capabilities: [],
    healthcheck: {
      shell: probe.trim(),
      intervalSeconds: 15,
      timeoutSeconds: 10,
      retries: 4,
      startPeriodSeconds: 300,
    },
    stop: { signal: "SIGTERM", graceSeconds: 30 },
  };
}
