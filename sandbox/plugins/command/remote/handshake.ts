import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import ssh2, { type Client } from "ssh2";
import { endedText, systemText } from "../go-text.ts";
import { address } from "./connection.ts";
import { HOST_KEY_ORDER } from "./host-key.ts";
import type { Login } from "./login.ts";

/** A connection to a port; the limit is on this alone, not on the handshake that follows, and 0 is none. */
export function dialTcp(
  host: string,
  port: number,
  timeoutSeconds: number,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const at = `dial tcp ${address(host, port)}`;
    const fail = (text: string) => {
      settle();
      socket.destroy();
      reject(new Error(text));
    };
    const end = () => fail(endedText(signal));
    // As Go's sockets: else each small message of the handshake waits for the answer to the one before.
    const socket = connect({ host, port, noDelay: true });
    const timer =
      timeoutSeconds > 0 ? setTimeout(() => fail(`${at}: i/o timeout`), timeoutSeconds * 1000) : undefined;
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
    };
    socket.once("connect", () => {
      settle();
      resolve(socket);
    });
    socket.once("error", (error) => fail(dialFailure(error, host, at)));
    if (signal.aborted) end();
    else signal.addEventListener("abort", end);
  });
}

function dialFailure(error: Error, host: string, at: string): string {
  const code = "code" in error ? error.code : undefined;
  if (code === "ENOTFOUND") return `dial tcp: lookup ${host}: no such host`;
  if (code === "EAI_AGAIN") return `dial tcp: lookup ${host}: Temporary failure in name resolution`;
  return `${at}: connect: ${systemText(error)}`;
}

/** Logs in over an open connection, which is closed when that fails. */
export function handshake(transport: Duplex, login: Login, signal: AbortSignal): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    const tried: string[] = ["none"];
    let wrongKey = false;

    const settle = () => signal.removeEventListener("abort", end);
    const fail = (text: string) => {
      settle();
      transport.destroy();
      reject(new Error(`ssh: handshake failed: ${text}`));
    };
    const end = () => {
      settle();
      transport.destroy();
      reject(new Error(endedText(signal)));
    };

    client.once("ready", () => {
      settle();
      resolve(client);
    });
    client.on("error", (error) => {
      // An agent that has no answer is one method less, not the end.
      if (error.level === "agent") return;
      fail(wrongKey ? "ssh: host key mismatch" : handshakeFailure(error));
    });
    client.once("close", () => fail("EOF"));
    if (signal.aborted) return end();
    signal.addEventListener("abort", end);

    client.connect({
      sock: transport,
      username: login.user,
      readyTimeout: 0,
      algorithms: { serverHostKey: HOST_KEY_ORDER },
      hostVerifier: (key: Buffer) => {
        wrongKey = login.hostKey !== undefined && !login.hostKey.equals(key);
        return !wrongKey;
      },
      authHandler: (offered: string[] | null, _partial, next) => {
        // The server has not said yet what it takes; asking for nothing makes it say so.
        if (offered === null) return next({ type: "none", username: login.user });
        const method = login.methods.find(({ name }) => offered.includes(name) && !tried.includes(name));
        if (method === undefined) {
          const list = tried.join(" ");
          return fail(
            `ssh: unable to authenticate, attempted methods [${list}], no supported methods remain`,
          );
        }
        tried.push(method.name);
        next(method.auth);
      },
    });
  });
}

function handshakeFailure(error: Error): string {
  if (/^Connection lost before handshake|^Connection ended/.test(error.message)) return "EOF";
  const text = systemText(error);
  return text === error.message && !text.startsWith("ssh:") ? `ssh: ${text}` : text;
}
