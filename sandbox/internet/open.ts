// The internet that the twin's droplets see: names, a certificate authority, a container registry.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { Stop } from "../../scripts/lib/process.ts";
import { freePort } from "../free-port.ts";
import { rootCertificateFile, serveAuthority } from "./authority.ts";
import type { ChildLogs } from "./child.ts";
import { withOwnNames } from "./dns-answer.ts";
import type { Lookup } from "./dns-records.ts";
import { machineNameServers } from "./dns-relay.ts";
import { serveDns } from "./dns-server.ts";
import { LogFile } from "./log-file.ts";
import { acmeDirectory, registryHost } from "./names.ts";
import { forgetGarbage, hasGarbage } from "./push.ts";
import { isAlive, readRecord, removeRecord, writeRecord } from "./record.ts";
import { serveRegistry } from "./registry.ts";

export interface InternetOptions {
  /** Keys, certificates and images are kept here from one run to the next. */
  folder: string;
  /** Address of this machine that the droplets reach: ports 53 and 443 of it are used. */
  gateway: string;
  lookup: Lookup;
  log: (line: string) => void;
}

export interface Internet extends AsyncDisposable {
  /** As droplets name it, in references to images. */
  registry: string;
  acmeDirectory: string;
  /** PEM; whoever trusts this trusts the authority and the registry. */
  rootCertificateFile: string;
}

/**
 * Everything that is started here ends with this process.
 * @throws Stop saying what is in the way
 */
export async function openInternet({ folder, gateway, lookup, log }: InternetOptions): Promise<Internet> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = new LogFile(path.join(folder, "internet.log"));
  const logsOf = (source: string): ChildLogs => ({
    output: (line) => file.write(source, line),
    event: (text) => {
      file.write(source, text);
      log(text);
    },
  });
  await using parts = new AsyncDisposableStack();
  parts.use(await openDns(folder, gateway, lookup, (line) => file.write("dns", line)));
  const registryPort = await freePort();
  parts.use(await serveRegistry(folder, registryPort, hasGarbage(folder), logsOf("registry")));
  forgetGarbage(folder);
  parts.use(await serveAuthority({ folder, gateway, registryPort }, logsOf("authority")));
  writeRecord(folder, { pid: process.pid, gateway, registryPort });
  parts.defer(() => removeRecord(folder));
  const opened = parts.move();
  return {
    registry: registryHost,
    acmeDirectory,
    rootCertificateFile: rootCertificateFile(folder),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** The first part to be opened: it is where a predecessor that still runs is met. */
async function openDns(
  folder: string,
  gateway: string,
  lookup: Lookup,
  log: (line: string) => void,
): Promise<AsyncDisposable> {
  const options = { lookup: withOwnNames(lookup, gateway), upstreams: machineNameServers(gateway), log };
  try {
    return await serveDns({ address: gateway, port: 53, ...options });
  } catch (error) {
    throw error instanceof Error && "code" in error
      ? inTheWay(error, String(error.code), folder, gateway)
      : error;
  }
}

function inTheWay(error: Error, code: string, folder: string, gateway: string): Error {
  const record = readRecord(folder);
  const predecessor =
    record && isAlive(record.pid) && record.pid !== process.pid
      ? `Process ${record.pid}, which opened this internet before, still runs: end it (kill ${record.pid}), then run this again.`
      : `See who has it: ss -lnptu 'sport = :53'.`;
  switch (code) {
    case "EADDRINUSE":
      return new Stop(
        `The sandbox's name server needs port 53 of ${gateway}, which is taken. ${predecessor}`,
      );
    case "EADDRNOTAVAIL":
      return new Stop(
        `The sandbox's name server needs the address ${gateway}, which no interface of this machine has. See: ip address; docker network inspect.`,
      );
    case "EACCES":
      return new Stop(
        `The sandbox's name server needs port 53 of ${gateway}, which is root's to use. Run this as root.`,
      );
    default:
      return error;
  }
}
