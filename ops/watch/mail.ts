// E-mail by SMTP.
import { createTransport } from "nodemailer";
import type { MailServer } from "../deployment.ts";
import { messageOf, oneLine } from "../log.ts";

export interface Letter {
  to: string;
  subject: string;
  text: string;
}

/**
 * Hands a letter to the mail server and waits until it has taken it.
 * @param options.ca PEM of an authority that the server's certificate may be of, besides the usual ones
 * @returns what the server said when it took it
 * @throws Error naming the server, what it refused and what to do
 */
export async function sendMail(
  server: MailServer,
  { to, subject, text }: Letter,
  { ca }: { ca?: string } = {},
): Promise<string> {
  const { host, port, secure, user, password, from } = server;
  const transport = createTransport({
    host,
    port,
    secure,
    // A password never goes over a connection that anybody can read.
    requireTLS: !secure && user !== "",
    ...(user !== "" && { auth: { user, pass: password } }),
    ...(ca !== undefined && { tls: { ca: [ca] } }),
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
  });
  try {
    const { response } = await transport.sendMail({
      from,
      to,
      subject,
      text,
      // So that nobody's absence is answered to a machine (RFC 3834).
      headers: { "Auto-Submitted": "auto-generated" },
    });
    return response;
  } catch (error) {
    throw new Error(`mail server ${host}:${port} ${explained(error, server)}`, { cause: error });
  } finally {
    transport.close();
  }
}

function explained(error: unknown, { host, port, secure, user }: MailServer): string {
  const said = oneLine(messageOf(error));
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const fault = faults.find(({ codes, words }) => codes.includes(code) && (!words || words.test(said)));
  const [what, next] = fault?.text({ host, port, secure, user }) ?? ["did not take the letter", checkAll];
  return `${what}: ${said}; next: ${next}`;
}

const checkAll = "check alerts.mail.server";

interface Fault {
  /** Of nodemailer. */
  codes: string[];
  words?: RegExp;
  /** What is wrong, and what to do. */
  text(server: Pick<MailServer, "host" | "port" | "secure" | "user">): [string, string];
}

const connection = ["ESOCKET", "ECONNECTION", "ETLS", "ETIMEDOUT"];

/** The first that fits. */
const faults: Fault[] = [
  {
    codes: ["EAUTH", "ENOAUTH"],
    text: ({ user }) => [
      `refused to sign user ${user} in`,
      "check user and password; many services want a password made for programs",
    ],
  },
  {
    codes: ["EENVELOPE"],
    text: () => ["refused the sender or the recipient", "check the addresses `from` and `to`"],
  },
  {
    codes: ["EDNS"],
    text: ({ host }) => ["has no address", `check the name ${host}`],
  },
  {
    codes: connection,
    words: /ECONNREFUSED|EHOSTUNREACH|ENETUNREACH/,
    text: ({ port }) => [
      "cannot be reached",
      `check host and port; some providers block port ${port} until they are asked to open it`,
    ],
  },
  {
    codes: connection,
    words: /certificate|altnames|self[- ]signed|issuer/i,
    text: ({ host }) => [
      "has a certificate that cannot be trusted",
      `it has to be of the name ${host}, and of an authority that this machine knows (NODE_EXTRA_CA_CERTS names a file of further ones)`,
    ],
  },
  {
    codes: connection,
    words: /wrong version number|SSL|TLS/,
    text: ({ secure, port }) => [
      `does not speak TLS as expected at port ${port}`,
      secure
        ? "with `secure: false` TLS begins by STARTTLS, as usual at port 587"
        : "the password is sent over TLS only: take a port with STARTTLS, or `secure: true` at port 465",
    ],
  },
  {
    codes: connection,
    text: () => [
      "does not answer",
      "check host, port and `secure`: a server that expects TLS from the first byte keeps silent",
    ],
  },
];
