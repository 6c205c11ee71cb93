/**
 * The sandbox's mail server as a process:   node main.ts FOLDER [NAME ...]
 *
 * What clients need is in FOLDER/mail.json as soon as it answers. Ports and password are those of the process before it.
 */
import path from "node:path";
import { main, Stop } from "../../scripts/lib/process.ts";
import { lastInfo, runningMail, writeInfo } from "./info.ts";
import { serveMail } from "./server.ts";

await main(async () => {
  const [given, ...names] = process.argv.slice(2);
  if (!given) throw new Stop("Usage: node sandbox/mail/main.ts FOLDER [NAME ...]");
  const folder = path.resolve(given);
  const running = runningMail(folder);
  if (running) throw new Stop(`The mail server of ${folder} runs already: kill ${running.pid}`);
  const ended = new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => resolve());
    // Whoever started this is gone before it was ready.
    process.once("disconnect", resolve);
  });
  const former = lastInfo(folder);
  await using mail = await serveMail({
    folder,
    names,
    ...(former && { ports: former.ports, password: former.password }),
    log: (line) => console.log(`${new Date().toISOString()} ${line}`),
  });
  const { address, ports, user, password, authorityFile, lettersFolder } = mail;
  writeInfo(folder, { pid: process.pid, address, ports, user, password, authorityFile, lettersFolder });
  process.removeAllListeners("disconnect");
  process.send?.("ready", () => process.disconnect());
  await ended;
  return 0;
});
