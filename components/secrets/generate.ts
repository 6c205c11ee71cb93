// Behind GeneratedSecret; loaded by its provider.
import { randomBytes, randomInt } from "node:crypto";
import ssh2 from "ssh2";
import { type DynamicModule, withinRun } from "../dynamic-shim.ts";
import type { Form, GeneratedSecretArgs } from "./generated-secret.ts";

const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

/** A new random value; `text` leaves out characters that people mix up (0 O, 1 l I). */
export function generate({ form, length }: GeneratedSecretArgs & { form: Exclude<Form, "age"> }): string {
  if (form === "ssh-ed25519") return sshKey();
  if (form === "base64") return randomBytes(length).toString("base64");
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
}

/** One in 256 of ssh2's keys lacks a leading zero byte, and nobody can read it. */
function sshKey(): string {
  const key = ssh2.utils.generateKeyPairSync("ed25519").private;
  return ssh2.utils.parseKey(key) instanceof Error ? sshKey() : key;
}

/** Any form. The package for keys of age is loaded for the one run that makes one. */
async function newValue({ form, ...args }: GeneratedSecretArgs): Promise<string> {
  if (form !== "age") return generate({ form, ...args });
  const { generateX25519Identity } = await import("age-encryption");
  return generateX25519Identity();
}

type Outputs = GeneratedSecretArgs & { value: string };

const outputs = ({ form, length, rotation }: GeneratedSecretArgs, value: string): Outputs => ({
  form,
  length,
  rotation,
  value,
});

const provider: DynamicModule<GeneratedSecretArgs, Outputs> = {
  create: async (news) => ({ id: "generated", outs: outputs(news, await newValue(news)) }),
  update: async (olds, news) => {
    const asked = outputs(news, olds.value);
    const kept = outputs(olds, olds.value);
    return JSON.stringify(asked) === JSON.stringify(kept) ? kept : outputs(news, await newValue(news));
  },
};

export const { create, update } = withinRun(provider);
