/**
 * The twin of DigitalOcean as a process:   node main.ts FOLDER [ADDRESS_PREFIX]
 *
 * Speaks the API v2 on 127.0.0.1 (the URL is in FOLDER/twin.json as soon as it answers), and stands for the machines and
 * for the internet that they see. FOLDER holds everything, so that a process after this one goes on from there.
 * ADDRESS_PREFIX is the first half of the addresses that it gives out, such as 127.77.
 */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { main, Stop } from "../../scripts/lib/process.ts";
import { openInternet } from "../internet/open.ts";
import { openApi } from "./api/open.ts";
import { sourceDigest } from "./digest.ts";
import { addressPrefixOf, isTwin, lastInfo, pingOf, writeInfo } from "./info.ts";
import { openMachines } from "./machine/open.ts";

const log = (line: string): void => console.log(`${new Date().toISOString()} ${line}`);

await main(async () => {
  const [given, addressPrefix = addressPrefixOf(given ?? "")] = process.argv.slice(2);
  if (!given || !/^127\.\d{1,3}$/.test(addressPrefix))
    throw new Stop("Usage: node sandbox/digitalocean/main.ts FOLDER [ADDRESS_PREFIX, such as 127.77]");
  const folder = path.resolve(given);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const former = lastInfo(folder);
  if (former && former.pid !== process.pid && isTwin(former.pid, folder))
    throw new Stop(`The twin in ${folder} runs already, as process ${former.pid}: kill ${former.pid}`);
  const digest = sourceDigest();
  const ended = signalled();
  const starter = parent();

  await using parts = new AsyncDisposableStack();
  const machines = await openMachines({ folder, addressPrefix, log });
  parts.defer(() => machines.close());
  const { gateway, network } = machines;
  const books = openApi({
    machines,
    folder,
    addressPrefix,
    log,
    ...(former && { port: Number(new URL(former.url).port) }),
    ping: () => pingOf(folder, digest, process.pid),
  });
  const internet = parts.use(await openInternet({ folder, gateway, lookup: books.lookup, log }));
  const { url } = parts.use(await books.serve());
  const { registry, acmeDirectory, rootCertificateFile } = internet;
  writeInfo(folder, {
    pid: process.pid,
    url,
    gateway,
    network,
    addressPrefix,
    internet: { registry, acmeDirectory, rootCertificateFile },
  });
  log(`Serving ${url} for ${folder}, addresses ${addressPrefix}.x.y`);
  starter.tell();
  log(`Ending on ${await ended}`);
  return 0;
});
// What is still open belongs to events under way: the next process resumes them.
process.exit();

function signalled(): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve(signal));
  return promise;
}

/** start.ts waits to hear that it is ready, and then goes its own way; one that nobody waits for any more ends. */
function parent(): { tell: () => void } {
  const orphaned = () => process.exit(1);
  process.once("disconnect", orphaned);
  return {
    tell: () => {
      process.off("disconnect", orphaned);
      process.send?.("ready", (error: Error | null) => {
        if (error) log(`Whoever started this is gone: ${error.message}`);
        if (process.connected) process.disconnect();
      });
    },
  };
}
