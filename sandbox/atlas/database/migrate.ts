import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { DatabaseSettings, Knobs } from "../env.ts";
import type { Logger } from "../log.ts";
import { StartFailure } from "../start-failure.ts";
import { type Changeset, CORE_CHANGESETS } from "./changesets-core.ts";
import { WORK_CHANGESETS } from "./changesets-work.ts";
import { connectionOptions } from "./database.ts";
import { type Sql, sqlOver } from "./sql.ts";

export const CHANGESETS: readonly Changeset[] = [...CORE_CHANGESETS, ...WORK_CHANGESETS];

const LOCK_WAIT_MS = 300_000;
const LOCK_POLL_MS = 10_000;
const CONNECT_MS = 10_000;

/** Brings the schema up to date as Liquibase does: one lock row, one committed transaction per changeset. */
export async function migrate(settings: DatabaseSettings, knobs: Knobs, log: Logger): Promise<void> {
  const client = await connectOnce(settings, knobs);
  try {
    const sql = sqlOver(client);
    await createHistory(sql);
    if ((await pending(sql)).length === 0) {
      log.info("liquibase.command", "Database is up to date, no changesets to execute");
      return;
    }
    await acquireLock(sql, knobs, log);
    try {
      await runPending(sql, knobs, log);
    } finally {
      await releaseLock(sql, log);
    }
  } finally {
    await client.end();
  }
}

/** The start tries once: a database that is not there yet ends it. */
async function connectOnce(settings: DatabaseSettings, knobs: Knobs): Promise<pg.Client> {
  const client = new pg.Client({
    ...connectionOptions(settings),
    connectionTimeoutMillis: Math.max(1, CONNECT_MS * knobs.waitFactor),
  });
  // Without a listener a connection that breaks while idle would end the process with a stack trace of its own.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return client;
  } catch (fault) {
    throw new StartFailure(connectionMessage(fault, settings), { cause: fault });
  }
}

function connectionMessage(fault: unknown, { host, port }: DatabaseSettings): string {
  if (fault instanceof pg.DatabaseError) return `org.postgresql.util.PSQLException: FATAL: ${fault.message}`;
  return (
    `org.postgresql.util.PSQLException: Connection to ${host}:${port} refused. Check that the hostname and port are ` +
    "correct and that the postmaster is accepting TCP/IP connections."
  );
}

async function createHistory(sql: Sql): Promise<void> {
  await sql.run(`CREATE TABLE IF NOT EXISTS databasechangeloglock (
    id integer PRIMARY KEY, locked boolean NOT NULL, lockgranted timestamp, lockedby varchar(255))`);
  await sql.run("INSERT INTO databasechangeloglock (id, locked) VALUES (1, false) ON CONFLICT DO NOTHING");
  await sql.run(`CREATE TABLE IF NOT EXISTS databasechangelog (
    id varchar(255) NOT NULL, author varchar(255) NOT NULL, filename varchar(255) NOT NULL,
    dateexecuted timestamp NOT NULL, orderexecuted integer NOT NULL, exectype varchar(10) NOT NULL,
    md5sum varchar(35), description varchar(255), comments varchar(255), tag varchar(255), liquibase varchar(20),
    contexts varchar(255), labels varchar(255), deployment_id varchar(10))`);
}

async function pending(sql: Sql): Promise<Changeset[]> {
  const rows = await sql.rows<{ id: string }>("SELECT id FROM databasechangelog");
  const done = new Set(rows.map(({ id }) => id));
  return CHANGESETS.filter(({ id }) => !done.has(id));
}

async function acquireLock(sql: Sql, knobs: Knobs, log: Logger): Promise<void> {
  const deadline = Date.now() + LOCK_WAIT_MS * knobs.waitFactor;
  while (!(await tryLock(sql))) {
    log.info("liquibase.lockservice", "Waiting for changelog lock....");
    if (Date.now() >= deadline) throw await lockFailure(sql);
    await sleep(Math.min(LOCK_POLL_MS * knobs.waitFactor, deadline - Date.now()));
  }
  log.info("liquibase.lockservice", "Successfully acquired change log lock");
}

async function tryLock(sql: Sql): Promise<boolean> {
  const taken = await sql.run(
    "UPDATE databasechangeloglock SET locked = true, lockgranted = now(), lockedby = $1 WHERE id = 1 AND NOT locked",
    [hostname()],
  );
  return taken === 1;
}

async function lockFailure(sql: Sql): Promise<StartFailure> {
  const lock = await sql.one<{ lockedby: string | null; lockgranted: Date | null }>(
    "SELECT lockedby, lockgranted FROM databasechangeloglock WHERE id = 1",
  );
  return new StartFailure(
    "liquibase.exception.LockException: Could not acquire change log lock.  " +
      `Currently locked by ${lock.lockedby} since ${lock.lockgranted?.toISOString()}`,
  );
}

async function releaseLock(sql: Sql, log: Logger): Promise<void> {
  await sql.run(
    "UPDATE databasechangeloglock SET locked = false, lockgranted = null, lockedby = null WHERE id = 1",
  );
  log.info("liquibase.lockservice", "Successfully released change log lock");
}

async function runPending(sql: Sql, knobs: Knobs, log: Logger): Promise<void> {
  for (const changeset of await pending(sql)) {
    log.info(
      "liquibase.changelog",
      `Running Changeset: db/changelog/${changeset.id}.xml::${changeset.id}::atlas`,
    );
    await sleep(knobs.migrationMs / CHANGESETS.length);
    await runChangeset(sql, changeset);
  }
}

async function runChangeset(sql: Sql, { id, sql: statement }: Changeset): Promise<void> {
  await sql.run("BEGIN");
  try {
    await sql.run(statement);
    await sql.run(
      `INSERT INTO databasechangelog
         (id, author, filename, dateexecuted, orderexecuted, exectype, md5sum, description, comments, liquibase, deployment_id)
       SELECT $1, 'atlas', $2, now(), count(*) + 1, 'EXECUTED', $3, 'sql', '', '4.31.1', $4 FROM databasechangelog`,
      [
        id,
        `db/changelog/${id}.xml`,
        `9:${createHash("md5").update(statement).digest("hex")}`,
        deploymentId(),
      ],
    );
    await sql.run("COMMIT");
  } catch (fault) {
    await sql.run("ROLLBACK");
    const reason = fault instanceof Error ? fault.message : String(fault);
    throw new StartFailure(
      `liquibase.exception.MigrationFailedException: Migration failed for changeset ${id}: ERROR: ${reason}`,
      { cause: fault },
    );
  }
}

function deploymentId(): string {
  return String(Date.now()).slice(-10);
}
