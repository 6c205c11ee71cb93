// What only a machine with an address of its own has to prove: its certificate, and what it does not answer.
import { resolve4 } from "node:dns/promises";
import { setTimeout as delay } from "node:timers/promises";
import { connect, type TLSSocket } from "node:tls";
import { fetch } from "undici";
import type { Check, Context } from "./checks.ts";
import { Failure } from "./failure.ts";
import { trusted } from "./public-way.ts";
import { reachable } from "./reachable.ts";
import type { SmokeInputs } from "./smoke.ts";

/** An authority answers within seconds, unless the name does not lead here. */
const certificateTimeoutMs = 2 * 60_000;
const leastDays = 14;
/** PostgreSQL, backend, object store and its console, Docker, front end (issue of each: it has no lock of its own). */
const closedPorts = [5432, 8080, 9000, 9001, 2375, 3000];

/** Comes before all others: without it nothing can be asked over https. */
export const certificate: Check = {
  id: "certificate",
  title: `certificate is valid for more than ${leastDays} days`,
  blame: "ingress",
  run: async ({ inputs }) => {
    const { address, name } = target(inputs);
    const deadline = Date.now() + certificateTimeoutMs;
    for (;;) {
      try {
        return await lookAtCertificate(inputs);
      } catch (error) {
        if (error instanceof Failure) throw error;
        if (Date.now() > deadline) throw new Failure(await explain(error as Error, name, address));
      }
      await delay(1000);
    }
  },
};

export const httpsChecks: Check[] = [
  {
    id: "redirect",
    title: "http redirects to https",
    blame: "ingress",
    run: async ({ inputs, dispatcher }) => {
      const { name } = target(inputs);
      const response = await fetch(`http://${name}/`, {
        redirect: "manual",
        signal: AbortSignal.timeout(10_000),
        ...(dispatcher && { dispatcher }),
      });
      await response.body?.cancel();
      const location = response.headers.get("location") ?? "";
      if (![301, 308].includes(response.status) || !location.startsWith(`https://${name}/`))
        throw new Failure(`http://${name}/ leads to ${location || "no other address"}`, response.status);
      return `HTTP ${response.status} to ${location}`;
    },
  },
  {
    id: "hsts",
    title: "browsers are told to use https only",
    blame: "ingress",
    run: async ({ inputs, dispatcher }) => {
      const response = await fetch(inputs.url, {
        signal: AbortSignal.timeout(10_000),
        ...(dispatcher && { dispatcher }),
      });
      await response.body?.cancel();
      const header = response.headers.get("strict-transport-security");
      if (!/max-age=[1-9]\d{5,}/.test(header ?? ""))
        throw new Failure(`Strict-Transport-Security is ${header ?? "not sent"}`, response.status);
      return `${header}`;
    },
  },
];

export const closedPortsCheck: Check = {
  id: "closed-ports",
  title: "nothing but the public door answers",
  blame: "ingress",
  run: async ({ inputs }: Context) => {
    const { address } = target(inputs);
    const answers = await Promise.all(closedPorts.map((port) => reachable(address, port)));
    const open = closedPorts.filter((_, index) => answers[index]);
    if (open.length > 0)
      throw new Failure(`${address} answers from outside on port ${open.join(", ")}: look at the firewall`);
    return `closed: ${closedPorts.join(", ")}`;
  },
};

function target(inputs: SmokeInputs): { address: string; name: string } {
  const name = new URL(inputs.url).hostname;
  return { address: inputs.publicAddress?.address ?? name, name };
}

/** Days that the certificate is still valid; rejects while there is none that this machine trusts. */
function lookAtCertificate(inputs: SmokeInputs): Promise<string> {
  const { address, name } = target(inputs);
  const ca = trusted(inputs);
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect(
      { host: address, port: 443, servername: name, timeout: 10_000, ...(ca && { ca }) },
      () => {
        const { valid_to, issuer } = socket.getPeerCertificate();
        socket.destroy();
        const days = Math.floor((Date.parse(valid_to) - Date.now()) / 86_400_000);
        if (days > leastDays)
          resolve(`${days} days, from ${issuer?.O ?? issuer?.CN ?? "an unnamed authority"}`);
        else reject(new Failure(`the certificate ends in ${days} days, on ${valid_to}: it is not renewed`));
      },
    );
    socket.once("error", reject);
    socket.once("timeout", () => socket.destroy(new Error("no answer on port 443 within 10 s")));
  });
}

/** Most often the name does not lead to the machine, so that no authority certifies it. */
async function explain(error: Error, name: string, address: string): Promise<string> {
  const seen = await resolve4(name).then(
    (addresses) => addresses.join(", "),
    (cause: NodeJS.ErrnoException) => `nothing (${cause.code})`,
  );
  const dns = seen.split(", ").includes(address)
    ? `${name} leads to ${address}, as it must`
    : `seen from here, ${name} leads to ${seen}; it must lead to ${address}. Where its DNS is kept, make: ${name}. 300 IN A ${address}`;
  return `no valid certificate for ${name} after ${certificateTimeoutMs / 60_000} minutes: ${error.message.trim()}; ${dns}`;
}
