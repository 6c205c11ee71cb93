import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";
import ssh2 from "ssh2";
import { describe, expect, test } from "vitest";
import { create, generate, update } from "../../../components/secrets/generate.ts";
import type { GeneratedSecretArgs } from "../../../components/secrets/generated-secret.ts";

const base64 = { form: "base64", length: 48, rotation: 0 } satisfies GeneratedSecretArgs;
const text = { form: "text", length: 32, rotation: 0 } satisfies GeneratedSecretArgs;

describe("forms", () => {
  test("base64 is the standard one, of as many bytes as asked for", () => {
    for (let i = 0; i < 50; i++) {
      const value = generate(base64);
      expect(value).toMatch(/^[A-Za-z0-9+/]{64}$/);
      expect(Buffer.from(value, "base64")).toHaveLength(48);
    }
  });

  test("text has letters and digits that nobody mixes up, all of them", () => {
    const long = generate({ ...text, length: 20_000 });
    expect(long).toHaveLength(20_000);
    expect(new Set(long).size).toBe(57);
    expect(long).toMatch(/^[A-HJ-NP-Za-kmnp-z2-9o]+$/);
    expect(long).not.toMatch(/[0O1lI]/);
  });

  test("a key is one that ssh can read, each time", () => {
    for (let i = 0; i < 1500; i++) {
      const key = ssh2.utils.parseKey(generate({ form: "ssh-ed25519", length: 32, rotation: 0 }));
      if (key instanceof Error) throw key;
      expect(key.type).toBe("ssh-ed25519");
    }
  });

  test("no two are the same", () => {
    for (const form of [base64, text])
      expect(new Set(Array.from({ length: 100 }, () => generate(form))).size).toBe(100);
  });
});

test("a key for backups is one that age can use", async () => {
  const { outs } = await create({ form: "age", length: 32, rotation: 0 });
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(outs.value));
  const decrypter = new Decrypter();
  decrypter.addIdentity(outs.value);
  expect(await decrypter.decrypt(await encrypter.encrypt("a backup"), "text")).toBe("a backup");
});

describe("the resource", () => {
  test("a new one holds a value and what it was asked for", async () => {
    const { id, outs } = await create(text);
    expect(id).toBe("generated");
    expect(outs).toEqual({ ...text, value: expect.stringMatching(/^\w{32}$/) });
  });

  test("keeps only what is declared", async () => {
    const asked = { ...text, __provider: "text of the provider" };
    const { outs } = await create(asked);
    expect(outs).not.toHaveProperty("__provider");
    expect(await update(outs, asked)).not.toHaveProperty("__provider");
  });

  test("keeps its value when only the provider's text is another", async () => {
    const { outs } = await create(base64);
    expect(await update(outs, base64)).toEqual(outs);
    // Inputs come back from the engine in any order.
    expect(await update(outs, { rotation: 0, length: 48, form: "base64" })).toEqual(outs);
  });

  test.each<Partial<GeneratedSecretArgs>>([{ rotation: 1 }, { length: 40 }, { form: "base64" }])(
    "is renewed with %o",
    async (change) => {
      const { outs } = await create(text);
      const renewed = await update(outs, { ...text, ...change });
      expect(renewed).toEqual({ ...text, ...change, value: expect.any(String) });
      expect(renewed.value).not.toBe(outs.value);
    },
  );

  test("is renewed by a lower counter, too: another number is another value", async () => {
    const { outs } = await create({ ...text, rotation: 5 });
    expect((await update(outs, { ...text, rotation: 4 })).value).not.toBe(outs.value);
  });
});
