import { Readable } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { withoutOwners } from "../../../../ops/restore/plain-sql.ts";

const dump = `\
SET statement_timeout = 0;
SET transaction_timeout = 0;
CREATE TABLE public.note (text character varying(255));
ALTER TABLE public.note OWNER TO "rootUser";
COPY public.note (text) FROM stdin;
größe
ALTER TABLE public.note OWNER TO "rootUser";
SET transaction_timeout = 0;
\\\\.
\\.
ALTER SEQUENCE public.note_seq OWNER TO root;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT SELECT ON TABLE public.note TO reader;
ALTER TABLE ONLY public.note ADD CONSTRAINT note_pk PRIMARY KEY (text);
`;

const kept = `\
SET statement_timeout = 0;
CREATE TABLE public.note (text character varying(255));
COPY public.note (text) FROM stdin;
größe
ALTER TABLE public.note OWNER TO "rootUser";
SET transaction_timeout = 0;
\\\\.
\\.
ALTER TABLE ONLY public.note ADD CONSTRAINT note_pk PRIMARY KEY (text);
`;

const passed = async (chunks: Uint8Array[]): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const text of withoutOwners(Readable.from(chunks))) parts.push(Buffer.from(text, "latin1"));
  return Buffer.concat(parts);
};

test("owners and rights go, rows stay whatever they look like, wherever the bytes are split", async () => {
  const bytes = Buffer.from(dump);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 8 }), async (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
      expect((await passed(chunks)).toString()).toBe(kept);
    }),
  );
});

test("bytes that are no UTF-8 pass unchanged", async () => {
  const bytes = Buffer.concat([Buffer.from("COPY t (b) FROM stdin;\n"), Buffer.from([0xff, 0xfe, 0x0a])]);
  expect(await passed([bytes])).toEqual(bytes);
});
