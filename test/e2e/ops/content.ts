// What a deployment holds, for the tests of backups: made, told from another state, and spoilt.
import { Readable } from "node:stream";
import { database as names } from "../../../components/services/postgres.ts";
import { type Database, execute, maintenanceOf } from "../../../ops/database.ts";
import { type ObjectStore, objectStoreIn, put, remove } from "../../../ops/objects.ts";
import { objectsIn } from "../../../ops/restore/objects.ts";

export interface Content {
  database: Database;
  /** Its address may be another one after each start. */
  store(): Promise<ObjectStore>;
}

/** @param prefix of the deployment's containers, on this machine */
export const contentOf = (prefix: string): Content => ({
  database: { container: `${prefix}-postgres`, user: names.user, name: names.name },
  store: () => objectStoreIn(`${prefix}-storage`),
});

/** SQL that gives the administrator's organisation so many more work orders, which are complete. */
export const addWorkOrders = (count: number): string => `
insert into work_order (id, title, description, company_id, status)
  select 1000000 + n, 'order ' || n,
    (select string_agg(md5(n || ' ' || part), ' ') from generate_series(1, 8) part),
    (select company_id from own_user where email = 'admin@example.com'), 3
  from generate_series(1, ${count}) n;`;

/**
 * Commands of psql that tell a digest of each table's rows and where each sequence stands. Who is signed in, and since
 * when, is no part of what is compared.
 */
export const digestsOfRows = `
select format('select %L, md5(coalesce(string_agg(t::text, '' '' order by t::text), '''')) from %I t',
    tablename, tablename)
  from pg_tables where schemaname = 'public' and tablename <> 'refresh_token'
\\gexec
select sequencename, coalesce(last_value, 0) from pg_sequences where sequencename not like 'refresh_token%';`;

/** @param answer to `digestsOfRows` */
export const parseDigests = (answer: string): Record<string, string> =>
  Object.fromEntries(
    answer
      .trimEnd()
      .split("\n")
      .map((line) => line.split("|")),
  );

/** Of every row and every object: two states with the same are the same. */
export async function fingerprint({ database, store }: Content): Promise<Record<string, string>> {
  const rows = parseDigests(await execute(database, digestsOfRows));
  const objects = await objectsIn(await store());
  return { ...rows, ...Object.fromEntries(objects.map(({ key, sha256 }) => [key, sha256])) };
}

/** Takes much away, alters some and adds a little: what a restore has to undo. */
export async function spoil({ database, store }: Content): Promise<void> {
  await execute(
    database,
    `delete from work_order where id % 3 = 0;
     update work_order set title = 'altered' where id % 3 = 1;
     insert into team (id, name, company_id) select 900, 'strange', min(id) from company;
     delete from file where id = (select min(id) from file)`,
  );
  const objects = await store();
  const [first = "", second = ""] = (await objectsIn(objects)).map(({ key }) => key);
  await remove(objects, [first]);
  for (const key of [second, "strange/key"])
    await put(objects, { key, contentType: "text/plain", body: Readable.from([Buffer.from("altered")]) });
}

/** Names of those on the server: a restore leaves none of its own. */
export async function databases({ database }: Content): Promise<string[]> {
  const list = "select datname from pg_database where not datistemplate order by 1";
  return (await execute(maintenanceOf(database), list)).trimEnd().split("\n");
}
