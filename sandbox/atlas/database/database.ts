import pg from "pg";
import type { DatabaseSettings } from "../env.ts";
import { Ids } from "./ids.ts";
import { type Sql, sqlOver } from "./sql.ts";

/** No connection could be had within the pool's waiting time. */
export class DatabaseUnavailable extends Error {
  override name = "DatabaseUnavailable";
}

const POOL_SIZE = 20;
const RETRY_MS = 250;
const VALIDATION_MS = 5_000;
const TRUSTED_IDLE_MS = 500;

const INT8_ARRAY = 1016;

/** Ids are bigint; as numbers they go straight into answers. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: "text" | "binary") => {
    if (oid === pg.types.builtins.INT8) return Number;
    const parse = pg.types.getTypeParser(oid, format);
    return oid === INT8_ARRAY ? (text: string) => (parse(text) as string[]).map(Number) : parse;
  },
};

export function connectionOptions(settings: DatabaseSettings): pg.ClientConfig {
  return {
    host: settings.host,
    port: settings.port,
    database: settings.name,
    user: settings.user,
    password: settings.password,
    ssl: settings.ssl,
    application_name: "PostgreSQL JDBC Driver",
    types,
  };
}

/**
 * A pool that behaves like Hikari: a caller waits up to the connection time-out while connections are retried in the
 * background, and a connection that was idle is tried out before it is handed over.
 */
export class Database {
  readonly ids = new Ids();
  readonly #pool: pg.Pool;
  readonly #timeoutMs: number;
  readonly #usedAt = new WeakMap<pg.PoolClient, number>();

  constructor(settings: DatabaseSettings) {
    this.#timeoutMs = settings.acquireTimeoutMs;
    this.#pool = new pg.Pool({
      ...connectionOptions(settings),
      max: POOL_SIZE,
      idleTimeoutMillis: 600_000,
      connectionTimeoutMillis: Math.max(1, settings.acquireTimeoutMs),
    });
    // An idle connection that dies is dropped by the pool; the next caller meets the outage, and reports it.
    this.#pool.on("error", () => undefined);
    // One that dies while in use fails the next statement of whoever uses it.
    this.#pool.on("connect", (client) => client.on("error", () => undefined));
  }

  /** Runs the work in one transaction; whatever it throws rolls everything back. */
  async transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const client = await this.#acquire();
    try {
      await client.query("BEGIN");
      const result = await work(sqlOver(client));
      await client.query("COMMIT");
      this.#release(client);
      return result;
    } catch (fault) {
      await this.#rollback(client);
      throw isConnectionFault(fault)
        ? new DatabaseUnavailable("The connection was lost", { cause: fault })
        : fault;
    }
  }

  async isUp(): Promise<boolean> {
    return await this.transaction((sql) => sql.one("SELECT 1")).then(
      () => true,
      () => false,
    );
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  #release(client: pg.PoolClient): void {
    this.#usedAt.set(client, Date.now());
    client.release();
  }

  /** A connection that cannot even roll back is of no use to the next caller. */
  async #rollback(client: pg.PoolClient): Promise<void> {
    const rolledBack = await client.query("ROLLBACK").then(
      () => true,
      () => false,
    );
    if (rolledBack) this.#release(client);
    else client.release(true);
  }

  async #acquire(): Promise<pg.PoolClient> {
    const deadline = Date.now() + this.#timeoutMs;
    for (;;) {
      const client = await this.#connectBefore(deadline);
      if (client !== undefined && (await this.#isAlive(client))) return client;
      client?.release(true);
      if (Date.now() + RETRY_MS >= deadline) {
        await sleep(Math.max(0, deadline - Date.now()));
        throw new DatabaseUnavailable(
          `Connection is not available, request timed out after ${this.#timeoutMs}ms`,
        );
      }
      if (client === undefined) await sleep(RETRY_MS);
    }
  }

  /** undefined when there is none yet; one that arrives too late goes back to the pool. */
  async #connectBefore(deadline: number): Promise<pg.PoolClient | undefined> {
    let late = false;
    const connecting = this.#pool.connect().then(
      (client) => {
        if (late) client.release();
        return client;
      },
      () => undefined,
    );
    const timer = Promise.withResolvers<undefined>();
    const timeout = setTimeout(() => {
      late = true;
      timer.resolve(undefined);
    }, deadline - Date.now());
    const client = await Promise.race([connecting, timer.promise]);
    clearTimeout(timeout);
    return client;
  }

  async #isAlive(client: pg.PoolClient): Promise<boolean> {
    const usedAt = this.#usedAt.get(client);
    if (usedAt === undefined || Date.now() - usedAt < TRUSTED_IDLE_MS) return true;
    const answered = client.query("SELECT 1").then(
      () => true,
      () => false,
    );
    const gaveUp = Promise.withResolvers<boolean>();
    const timeout = setTimeout(() => gaveUp.resolve(false), Math.min(VALIDATION_MS, this.#timeoutMs));
    const alive = await Promise.race([answered, gaveUp.promise]);
    clearTimeout(timeout);
    return alive;
  }
}

/** Classes 08 and 57 are lost connections and shutdowns; without a code it is the socket's own fault. */
function isConnectionFault(fault: unknown): boolean {
  if (!(fault instanceof Error)) return false;
  if (fault instanceof pg.DatabaseError) return /^(08|57P)/.test(fault.code ?? "");
  const code = "code" in fault ? String(fault.code) : "";
  return (
    /^E(CONN|PIPE|HOST|NET|TIMEDOUT)/.test(code) ||
    /^(Connection terminated|Client has encountered)/.test(fault.message)
  );
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
