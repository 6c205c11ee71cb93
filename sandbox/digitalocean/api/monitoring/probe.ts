import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect, isIP } from "node:net";
import { lookup } from "../domains/lookup.ts";
import type { State, UptimeCheck } from "../state.ts";

const PATIENCE_MS = 5000;

/** Whether a check's target answers now. Names are those that the twin knows: the world outside is not asked. */
export async function isUp(state: State, { type, target }: UptimeCheck): Promise<boolean> {
  const url = new URL(type === "ping" && !target.includes("//") ? `tcp://${target}` : target);
  const name = url.hostname.replace(/^\[|\]$/g, "");
  const address = isIP(name) ? name : lookup(state, name, "A")[0]?.data;
  if (address === undefined) return false;
  return type === "ping" ? await pings(address) : await answers(url, address);
}

/** Echo requests are root's to send; a machine that refuses a connection is as much there as one that takes it. */
function pings(address: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: address, port: 7, timeout: PATIENCE_MS });
  socket.once("connect", () => resolve(true));
  socket.once("error", (error) => resolve("code" in error && error.code === "ECONNREFUSED"));
  socket.once("timeout", () => resolve(false));
  return promise.finally(() => socket.destroy());
}

/** A page that is not an error; who signed its certificate is not this check's question. */
function answers(url: URL, address: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const isSecure = url.protocol === "https:";
  const request = (isSecure ? httpsRequest : httpRequest)({
    host: address,
    port: url.port || (isSecure ? 443 : 80),
    path: `${url.pathname}${url.search}`,
    headers: { host: url.host },
    ...(isSecure && { servername: url.hostname, rejectUnauthorized: false }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  request.once("response", (response) => {
    response.resume();
    resolve((response.statusCode ?? 500) < 400);
  });
  request.once("error", () => resolve(false));
  request.end();
  return promise;
}
