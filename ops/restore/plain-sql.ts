// A plain dump by pg_dump, made fit to be loaded by another server's user.

/** The user that owned things may not exist here, and a newer pg_dump sets what an older server does not know. */
const unwanted = [
  /^ALTER .* OWNER TO .*;$/,
  /^(GRANT|REVOKE) .*;$/,
  /^ALTER DEFAULT PRIVILEGES .*;$/,
  /^SET transaction_timeout = /,
];

const beginsRows = /^COPY .* FROM stdin;$/;
const endsRows = "\\.";

/**
 * Passes a dump on without the lines about owners and rights. Rows, which may look like anything, pass unchanged.
 * @param chunks bytes, split anywhere
 */
export async function* withoutOwners(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let inRows = false;
  let rest = "";
  const passed = (line: string): string => {
    if (inRows) {
      inRows = line !== endsRows;
      return `${line}\n`;
    }
    inRows = beginsRows.test(line);
    return unwanted.some((pattern) => pattern.test(line)) ? "" : `${line}\n`;
  };
  for await (const chunk of chunks) {
    // Every byte is a character of its own, so none is cut in two or altered.
    const lines = `${rest}${Buffer.from(chunk).toString("latin1")}`.split("\n");
    rest = lines.pop() ?? "";
    const text = lines.map(passed).join("");
    if (text !== "") yield text;
  }
  if (rest !== "") yield passed(rest);
}
