// What can be done with a deployment, by name: the acts behind main.ts.
import { auditText, auditTrail } from "./audit.ts";
import { makeSet } from "./backup/make.ts";
import { prune } from "./backup/prune.ts";
import { type Manifest, type OwnStore, type Reason, SetFault } from "./backup/set.ts";
import { verifySet } from "./backup/verify.ts";
import type { Deployment } from "./deployment.ts";
import { jsonOf } from "./json-file.ts";
import { type Log, messageOf } from "./log.ts";
import { note, noteSchema } from "./note.ts";
import { adoptArchive, adoptInstallation, upstream } from "./restore/adopt.ts";
import { drill } from "./restore/drill.ts";
import { restore } from "./restore/restore.ts";
import { results } from "./results.ts";
import { stateOf } from "./state.ts";
import { localStore, stores } from "./stores/stores.ts";
import { goBack } from "./upgrade/rollback.ts";
import { nowServing, prepareUpgrade } from "./upgrade/upgrade.ts";
import { type Images, imagesSchema } from "./upgrade/versions.ts";
import { testAlerts } from "./watch/alert-test.ts";
import { type Alert, raise } from "./watch/alerts.ts";
import { look } from "./watch/look.ts";
import { metricsText } from "./watch/metrics.ts";
import { statusPage } from "./watch/page.ts";
import { statusText } from "./watch/terminal.ts";
import { watch } from "./watch/watch.ts";
import { bytesText } from "./words.ts";

export interface Asked {
  deployment: Deployment;
  log: Log;
  /** The set, the archive, or whatever the act is about. */
  subject: string | undefined;
  flags: ReadonlySet<string>;
  signal: AbortSignal;
  /** Of the watch. */
  address: { host: string; port: number };
}

/** What it prints, and whether all is well. */
export interface Done {
  text?: string;
  ok: boolean;
}

const reasons: readonly Reason[] = ["daily", "manual", "upgrade", "restore"];
/** One drill a week, with a day to spare before status complains. */
const drillEveryMs = 6.5 * 24 * 60 * 60_000;

export const acts: Record<string, (asked: Asked) => Promise<Done>> = {
  backup: async ({ deployment, log, subject = "manual", signal }) => {
    const reason = reasons.find((one) => one === subject);
    if (!reason) throw new Error(`${subject}: a backup is made for one of ${reasons.join(", ")}`);
    const manifest = await makeSet(deployment, reason, { log, signal });
    return { text: setLine(manifest), ok: true };
  },

  /** What the timer does. A failure is told at once, by every channel there is. */
  daily: async (asked) => {
    const { deployment, log, signal } = asked;
    let ok = await told(asked, "backup", async () => {
      await makeSet(deployment, "daily", { log, signal });
      await prune(deployment, { log });
    });
    const last = results(deployment).drill?.lastOk;
    if (!last || Date.now() - Date.parse(last.time) > drillEveryMs)
      ok = (await told(asked, "drill", () => expectPassed(asked))) && ok;
    return { ok };
  },

  sets: async ({ deployment }) => {
    const lists = await Promise.all(stores(deployment).map(listed));
    return { text: lists.join("\n"), ok: true };
  },

  verify: async (asked) => {
    const { store, id } = await found(asked);
    return { text: `whole: ${setLine(await verifySet(store, id))}`, ok: true };
  },

  drill: async (asked) => {
    await expectPassed(asked);
    return { ok: true };
  },

  restore: async (asked) => {
    const { deployment, log, flags } = asked;
    const { store, id } = await found(asked);
    const options = {
      log,
      yes: flags.has("--yes"),
      foreign: flags.has("--foreign"),
      olderPostgres: flags.has("--older-postgres"),
    };
    const { safetySet, seconds } = await restore(deployment, store, id, options);
    const text = `restored ${id} in ${Math.round(seconds)} s; what was there before is set ${safetySet}`;
    return { text, ok: true };
  },

  /** Before another version is put in place; the subject is what is wanted, as JSON. */
  upgrade: async ({ deployment, log, subject, signal }) => ({
    text: await prepareUpgrade(deployment, imagesIn(subject), { log, signal }),
    ok: true,
  }),

  /** Once it serves. */
  serving: async ({ deployment, log, subject }) => ({
    text: await nowServing(deployment, imagesIn(subject), { log }),
    ok: true,
  }),

  rollback: async ({ deployment, log, flags }) => ({
    text: await goBack(deployment, { log, yes: flags.has("--yes") }),
    ok: true,
  }),

  /** The subject is a note, as JSON. */
  note: async ({ deployment, log, subject }) => {
    note(deployment, noteSchema.parse(jsonOf(subject ?? "")), log.correlationId);
    return { ok: true };
  },

  /** For programs: see state.ts. */
  state: async ({ deployment }) => ({ text: JSON.stringify(stateOf(deployment)), ok: true }),

  adopt: async ({ deployment, log, subject }) => {
    const manifest = subject
      ? await adoptArchive(deployment, subject, log)
      : await adoptInstallation(deployment, upstream, log);
    return { text: `${setLine(manifest)}\nnext: restore it with --foreign`, ok: true };
  },

  status: async ({ deployment, flags }) => {
    const condition = await look(deployment);
    const ok = condition.verdict !== "bad";
    if (flags.has("--json")) return { text: JSON.stringify(condition, undefined, 2), ok };
    if (flags.has("--html")) return { text: statusPage(condition), ok };
    if (flags.has("--metrics"))
      return { text: await metricsText(condition, new Date().toISOString()), ok: true };
    return { text: statusText(condition, { colour: flags.has("--colour") }), ok };
  },

  audit: async ({ deployment, flags }) => {
    const entries = auditTrail(deployment, 100);
    const asJson = () => entries.map((entry) => JSON.stringify(entry)).join("\n");
    return { text: flags.has("--json") ? asJson() : auditText(entries), ok: true };
  },

  "alert-test": ({ deployment, log, signal }) => testAlerts(deployment, { log, signal }),

  watch: async ({ deployment, log, signal, address }) => {
    await watch(deployment, { ...address, signal, log });
    return { ok: true };
  },
};

const imagesIn = (subject: string | undefined): Images => imagesSchema.parse(jsonOf(subject ?? ""));

async function expectPassed({ deployment, log, subject }: Asked): Promise<void> {
  const { ok, id, checks } = await drill(deployment, localStore(deployment), {
    log,
    ...(subject !== undefined && { id: subject }),
  });
  if (ok) return;
  const failed = checks.filter((check) => !check.ok).map(({ title, detail }) => `${title}: ${detail}`);
  throw new Error(`the drill of set ${id} has failed: ${failed.join("; ")}`);
}

/** Does it, and tells whoever has to know when it fails. */
async function told({ deployment, log }: Asked, key: string, run: () => Promise<void>): Promise<boolean> {
  try {
    await run();
    return true;
  } catch (error) {
    log.error(messageOf(error));
    const alert: Alert = { key, title: `${key} failed`, severity: "bad", why: messageOf(error) };
    await raise(deployment, alert, { log });
    return false;
  }
}

/** On this machine, else on the remote storage. @throws Error with the sets that there are */
async function found({ deployment, subject }: Asked): Promise<{ store: OwnStore; id: string }> {
  for (const store of stores(deployment)) {
    const ids = await store.list();
    const id =
      subject === undefined || subject === "newest" ? ids.at(-1) : ids.find((one) => one === subject);
    if (id !== undefined) return { store, id };
  }
  const all = (await Promise.all(stores(deployment).map(listed))).join("\n");
  throw new Error(`there is no set ${subject ?? "at all"}; there are:\n${all}`);
}

async function listed(store: OwnStore): Promise<string> {
  const lines = await Promise.all((await store.list()).map(async (id) => `  ${await line(store, id)}`));
  return [store.name, ...(lines.length > 0 ? lines : ["  none"])].join("\n");
}

/** A set that is broken does not hide the others. */
const line = (store: OwnStore, id: string): Promise<string> =>
  store.manifest(id).then(setLine, (error: unknown) => {
    if (error instanceof SetFault) return `${id}  cannot be used: ${error.message}`;
    throw error;
  });

function setLine({ id, reason, database, objects, schema }: Manifest): string {
  const rows = Object.values(database.rows).reduce((sum, count) => sum + count, 0);
  const files = objects ? `, ${objects.count} files (${bytesText(objects.bytes)})` : "";
  return `${id}  ${reason.padEnd(7)}  ${rows} rows (${bytesText(database.bytes)})${files}, ${schema.changeSets} change sets`;
}
