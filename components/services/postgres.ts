import type { Input } from "@pulumi/pulumi";
import type { Service } from "./service.ts";

export const database = { host: "postgres", name: "atlas", user: "atlas" };

const volumePath = "/var/lib/postgresql/data";

// Three things that the image's own entry point leaves open. A first start that is cut off leaves a data directory
// that looks finished and never works: a mark beside it says so, and the next start begins anew. A volume of upstream's
// compose file holds its data one level higher. And a kept volume may hold an older password than the stack's state:
// the state wins, at each start; where it cannot (a volume without this role), the server would log the statement whole.
const start = `
volume=$(dirname "$PGDATA")
mark=$volume/initialising
if [ -s "$volume/PG_VERSION" ]; then export PGDATA=$volume; fi
if [ -e "$mark" ]; then rm -rf "$PGDATA"; fi
if [ -s "$PGDATA/PG_VERSION" ]; then
  printf "ALTER ROLE \\"%s\\" PASSWORD '%s'\\n" "$POSTGRES_USER" "$POSTGRES_PASSWORD" |
    postgres --single -D "$PGDATA" -c log_statement=none -c log_min_error_statement=panic postgres > /dev/null
  exec docker-entrypoint.sh postgres
fi
touch "$mark"
docker-entrypoint.sh postgres &
server=$!
trap 'kill -TERM $server' INT TERM
# While it initialises, the server listens on no address.
until pg_isready -q -h 127.0.0.1; do kill -0 $server || exit 1; sleep 0.2; done
rm "$mark"
trap 'kill -INT $server' INT TERM
while wait $server; code=$?; kill -0 $server 2> /dev/null; do :; done
exit $code`;

// A backend that is killed during its first migration leaves Liquibase's lock behind, and every later start waits
// five minutes for it and gives up. The holder takes the lock on a connection that is older than the lock: when no
// such connection is left, nobody can ever release it but us.
const freeStaleMigrationLock = `
do \\$\\$ begin
  if to_regclass('databasechangeloglock') is not null then
    update databasechangeloglock set locked = false, lockgranted = null, lockedby = null
    where locked and not exists (
      select from pg_stat_activity
      where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
        and backend_start at time zone 'UTC' <= lockgranted);
  end if;
end \\$\\$`;

/** PostgreSQL, published on the loopback address only; `port` 0 publishes nothing. */
export function postgres(args: {
  image: string;
  memoryMiB?: number;
  password: Input<string>;
  port: number;
}): Service {
  return {
    name: "postgres",
    image: args.image,
    entrypoint: ["sh", "-c", start.trim()],
    user: "postgres",
    env: {
      POSTGRES_DB: database.name,
      POSTGRES_USER: database.user,
      POSTGRES_PASSWORD: args.password,
      POSTGRES_INITDB_ARGS: "--data-checksums",
      PGDATA: `${volumePath}/pgdata`,
    },
    files: [],
    volumes: [{ name: "postgres", path: volumePath }],
    ports: args.port === 0 ? [] : [{ address: "127.0.0.1", published: args.port, target: 5432 }],
    networks: ["data"],
    hosts: [],
    memoryMiB: args.memoryMiB ?? 512,
    capabilities: [],
    healthcheck: {
      shell: `PGPASSWORD="$POSTGRES_PASSWORD" psql -q -h 127.0.0.1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -v ON_ERROR_STOP=1 -c "${freeStaleMigrationLock.trim()}"`,
      intervalSeconds: 10,
      timeoutSeconds: 5,
      retries: 3,
      startPeriodSeconds: 60,
    },
    // Fast shutdown: clients are disconnected, the checkpoint is written.
    stop: { signal: "SIGINT", graceSeconds: 60 },
  };
}
