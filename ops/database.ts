// PostgreSQL, reached by the commands of its own container. They connect over the container's loopback address with
// the password of the container's environment, as its health check does: nothing secret passes through here.
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { type ZodType, z } from "zod";
import { database } from "../components/services/postgres.ts";
import { containerOf, type Deployment } from "./deployment.ts";
import { type Command, docker, startDocker } from "./docker.ts";

export interface Database {
  /** Running, with PostgreSQL and its commands in it. */
  container: string;
  /** A superuser. */
  user: string;
  name: string;
}

export interface Acting {
  /** Ends the command, and with it its session on the server. */
  signal?: AbortSignal | undefined;
}

/** The deployment's own. */
export const databaseOf = (deployment: Deployment): Database => ({
  container: containerOf(deployment, "postgres"),
  user: database.user,
  name: database.name,
});

const withPassword = 'PGPASSWORD="$POSTGRES_PASSWORD" exec "$@"';

/**
 * A command ends when its standard input does, which is when whoever started it is gone: docker leaves it running
 * otherwise, and a dump that nobody reads holds its locks for ever, before which the next migration waits. Whatever is
 * started here has to be waited for: PostgreSQL is the container's first process, gets what is orphaned, and takes one
 * that was killed for a server process of its own that crashed; it restarts then, cutting everybody off.
 */
const whileWanted = `
exec 3<&0
PGPASSWORD="$POSTGRES_PASSWORD" "$@" & command=$!
{ read -r _ <&3; kill $command; } > /dev/null 2>&1 & watch=$!
wait $command
code=$?
kill $watch 2> /dev/null
wait $watch
exit $code`.trim();

const inContainer = ({ container, user }: Database, shell: string, command: string[]): string[] => [
  "exec",
  "--interactive",
  ...["--env", "PGHOST=127.0.0.1", "--env", `PGUSER=${user}`],
  ...[container, "sh", "-c", shell, "sh", ...command],
];

const psql = ({ name }: Database) => [
  "psql",
  ...["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set", "ON_ERROR_STOP=1"],
  ...["--dbname", name],
];

/** Where databases are made, renamed and dropped from. */
export const maintenanceOf = (db: Database): Database => ({ ...db, name: "postgres" });

/** Quoted, for a statement. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
/** Quoted, for a statement. */
export const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/**
 * Runs statements, or commands of psql, up to the first that fails.
 * @returns what they print: a row a line, columns parted by |
 * @throws DockerError with what psql wrote
 */
export const execute = (db: Database, sql: string, { signal }: Acting = {}): Promise<string> =>
  docker(inContainer(db, withPassword, psql(db)), { input: sql, signal, timeoutMs: 0 });

/**
 * The rows of one query (without a semicolon), each as the schema has it; numbers up to 2^53.
 * @throws DockerError with what psql wrote; ZodError for a row that is not as the schema says
 */
export async function select<T>(
  db: Database,
  query: string,
  row: ZodType<T>,
  options: Acting = {},
): Promise<T[]> {
  const rows = await execute(db, `select coalesce(json_agg(q), '[]') from (${query}) q`, options);
  return z.array(row).parse(JSON.parse(rows));
}

/** What tells whether a copy is whole. */
export interface Facts {
  postgresVersion: string;
  /** Liquibase's change sets: how many have run, and the last one; 0 and "" where Atlas has never run. */
  schema: { changeSets: number; last: string };
  /** Rows by table: by its name in schema public, as schema.table elsewhere. */
  rows: Record<string, number>;
}

const factSchema = z.strictObject({
  postgresVersion: z.string().optional(),
  snapshot: z.string().optional(),
  schema: z.strictObject({ changeSets: z.int(), last: z.string() }).optional(),
  table: z.tuple([z.string(), z.int()]).optional(),
});

const end = "that was all";

// Each answer is a line of JSON. What is only there sometimes is asked for by a query that another query writes.
const factQueries = `
begin isolation level repeatable read read only;
set local lock_timeout = '5min';
select json_build_object('snapshot', pg_export_snapshot());
select json_build_object('postgresVersion', current_setting('server_version'));
select $$ select json_build_object('schema', json_build_object('changeSets', count(*), 'last',
    coalesce((array_agg(id order by orderexecuted desc))[1], ''))) from databasechangelog $$
  where to_regclass('databasechangelog') is not null
\\gexec
select format('select json_build_object(''table'', json_build_array(%L, count(*))) from only %I.%I',
    case nspname when 'public' then relname else nspname || '.' || relname end, nspname, relname)
  from pg_class join pg_namespace on pg_namespace.oid = relnamespace
  where relkind = 'r' and nspname not like 'pg\\_%' and nspname <> 'information_schema'
  order by nspname, relname
\\gexec
\\echo ${end}
`;

/** One moment of a database, for as long as it is held open. */
export interface Snapshot extends Facts {
  /** For `dump`. */
  id: string;
  /** Lets it go; afterwards nothing can be dumped from it. */
  close(): Promise<void>;
}

/**
 * Holds a moment of the database open and tells what it holds.
 * @throws DockerError with what psql wrote
 */
export async function openSnapshot(db: Database, { signal }: Acting = {}): Promise<Snapshot> {
  const session = startDocker(inContainer(db, withPassword, psql(db)), { signal });
  // It may fail while nobody reads it.
  session.output.on("error", () => {});
  session.input.write(factQueries);
  try {
    const { id, ...facts } = await readFacts(session);
    return { id, ...facts, close: () => closed(session) };
  } catch (error) {
    session.output.destroy();
    throw error;
  }
}

/** What a database holds, all of one moment. */
export async function factsOf(db: Database, options: Acting = {}): Promise<Facts> {
  const { postgresVersion, schema, rows, close } = await openSnapshot(db, options);
  await close();
  return { postgresVersion, schema, rows };
}

async function readFacts({ output }: Command): Promise<Facts & { id: string }> {
  const facts = { id: "", postgresVersion: "", schema: { changeSets: 0, last: "" } };
  const rows: [string, number][] = [];
  for await (const line of linesOf(output)) {
    if (line === end) return { ...facts, rows: Object.fromEntries(rows) };
    const { snapshot, postgresVersion, schema, table } = factSchema.parse(JSON.parse(line));
    if (snapshot !== undefined) facts.id = snapshot;
    if (postgresVersion !== undefined) facts.postgresVersion = postgresVersion;
    if (schema !== undefined) facts.schema = schema;
    if (table !== undefined) rows.push(table);
  }
  throw new Error("psql ended before it had told what the database holds");
}

/** Leaves the stream open. */
async function* linesOf(stream: Readable): AsyncGenerator<string> {
  stream.setEncoding("utf8");
  let rest = "";
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** At the end of its input psql ends, and with it the transaction. */
async function closed({ input, output }: Command): Promise<void> {
  input.end();
  output.resume();
  // It may have been cut off before: what it told stays true, and a dump of its moment tells of itself.
  await finished(output).catch(() => {});
}

/** Bytes that the database takes on the disk of its server. */
export async function sizeOf(db: Database, options: Acting = {}): Promise<number> {
  return Number(await execute(db, "select pg_database_size(current_database())", options));
}

/**
 * The moment's content in PostgreSQL's custom format, compressed: a stream that ends when the dump is whole, and fails
 * when it is not. Destroying it ends the dump.
 */
export async function dump(
  db: Database,
  snapshot: Pick<Snapshot, "id">,
  { signal }: Acting = {},
): Promise<Readable> {
  const compress = (await takesZstandard(db, signal)) ? "zstd" : "gzip";
  const { output } = startDocker(
    inContainer(db, whileWanted, [
      "pg_dump",
      ...["--format=custom", `--compress=${compress}`, "--lock-wait-timeout=5min"],
      ...[`--snapshot=${snapshot.id}`, "--dbname", db.name],
    ]),
    { signal },
  );
  return output;
}

/** Only a dump tells how pg_dump was built: this one is of nothing. Any other fault shows itself in the real dump. */
const takesZstandard = (db: Database, signal: AbortSignal | undefined): Promise<boolean> =>
  docker(
    inContainer(db, withPassword, [
      "pg_dump",
      ...["--format=custom", "--compress=zstd", "--schema-only", "--exclude-schema=*"],
      ...["--dbname", db.name],
    ]),
    { signal },
  ).then(
    () => true,
    () => false,
  );

/**
 * Loads a dump into an existing, empty database in one transaction: all of it is there afterwards, or nothing. Everything
 * belongs to the database's user then, whose the dump's owner may not have been.
 * @param source in custom format, as `dump` gives it
 * @throws DockerError with what pg_restore wrote; whatever the source fails with
 */
export async function restore(db: Database, source: Readable, { signal }: Acting = {}): Promise<void> {
  await docker(
    inContainer(db, withPassword, [
      "pg_restore",
      ...["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", "--dbname", db.name],
    ]),
    { input: source, signal, timeoutMs: 0 },
  );
}

/**
 * The entries that a dump says it has. Runs in a container of its own, so it needs no deployment.
 * @param image of PostgreSQL
 * @param source only its beginning is read
 * @throws DockerError with what pg_restore wrote, where it is no dump or is cut off before its entries
 */
export async function entriesOf(image: string, source: Readable, { signal }: Acting = {}): Promise<string[]> {
  const run = ["run", "--rm", "--interactive", "--network", "none", "--entrypoint", "pg_restore"];
  const list = await docker([...run, image, "--list"], { input: source, signal, timeoutMs: 10 * 60_000 });
  return list.split("\n").filter((line) => line !== "" && !line.startsWith(";"));
}
