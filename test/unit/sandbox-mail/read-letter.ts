// A letter as the sandbox's mail server keeps it.
export interface ReadLetter {
  /** Of each name the first, in one line. */
  headers: Map<string, string>;
  body: string;
}

export function readLetter(letter: string): ReadLetter {
  const end = letter.indexOf("\r\n\r\n");
  const lines = letter.slice(0, end).split(/\r\n(?![ \t])/);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = "", value = ""] = /^([^:]+): ([\s\S]*)$/.exec(line) ?? [];
    if (!headers.has(name)) headers.set(name, value.replaceAll(/\r\n\s+/g, " "));
  }
  const text = letter.slice(end + 4);
  const quoted = headers.get("Content-Transfer-Encoding") === "quoted-printable";
  return { headers, body: (quoted ? unquoted(text) : text).replaceAll("\r\n", "\n") };
}

const unquoted = (text: string): string =>
  Buffer.from(
    text
      .replaceAll("=\r\n", "")
      .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  ).toString();
