// The operations as a command: main.ts ACT [SUBJECT] --deployment FILE [...]. Timers and services of a droplet run it; on
// local Docker the scripts do. What was asked for goes to standard output, the log to standard error.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { acts } from "./acts.ts";
import { deploymentSchema } from "./deployment.ts";
import { messageOf, openLog, secretsOf } from "./log.ts";

const flags = ["yes", "foreign", "older-postgres", "json", "html", "metrics", "colour"] as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    deployment: { type: "string" },
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "9464" },
    ...Object.fromEntries(flags.map((name) => [name, { type: "boolean" } as const])),
  },
});
const [name = "", subject] = positionals;
const act = Object.hasOwn(acts, name) ? acts[name] : undefined;
if (!act || !values.deployment) {
  console.error(`Usage: ACT [SUBJECT] --deployment FILE; acts are ${Object.keys(acts).join(", ")}`);
  process.exit(2);
}

const deployment = deploymentSchema.parse(JSON.parse(readFileSync(String(values.deployment), "utf8")));
const log = openLog({ act: name, hide: secretsOf(deployment) });
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
// Whoever asked may go away, with a connection or a terminal: a restore that has begun is finished all the same.
process.on("SIGHUP", () => {});
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

try {
  const { text, ok } = await act({
    deployment,
    log,
    subject,
    flags: new Set(flags.filter((flag) => Reflect.get(values, flag) === true).map((flag) => `--${flag}`)),
    signal: stop.signal,
    address: { host: String(values.host), port: Number(values.port) },
  });
  end(ok ? 0 : 1, text === undefined ? "" : `${text}\n`);
} catch (error) {
  log.error(messageOf(error));
  end(1, "");
}

/** Connections that are kept for a next request would keep the process as well. */
function end(code: number, text: string): void {
  process.stdout.write(text, () => process.exit(code));
}
