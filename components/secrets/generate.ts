// Behind GeneratedSecret; loaded by its provider.
import { randomBytes, randomInt } from "node:crypto";
import ssh2 from "ssh2";
import { type DynamicModule, withinRun } from "../dynamic-shim.ts";
import type { GeneratedSecretArgs } from "./generated-secret.ts";

const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

/** A new random value; `text` leaves out characters that people mix up (0 O, 1 l I). */
export function generate({ form, length }: GeneratedSecretArgs): string {
  if (form === "ssh-ed25519") return sshKey();
  if (form === "base64") return randomBytes(length).toString("base64");
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
}

/** One in 256 of ssh2's keys lacks a leading zero byte, and nobody can read it. */
function sshKey(): string {
  const key = ssh2.utils.generateKeyPairSync("ed25519").private;
  return ssh2.utils.parseKey(key) instanceof Error ? sshKey() : key;
}

type Outputs = GeneratedSecretArgs & { value: string };

const outputs = ({ form, length, rotation }: GeneratedSecretArgs, value: string): Outputs => ({
  form,
  length,
  rotation,
  value,
});

const provider: DynamicModule<GeneratedSecretArgs, Outputs> = {
  create: async (news) => ({ id: "generated", outs: outputs(news, generate(news)) }),
  update: async (olds, news) => {
    const asked = outputs(news, olds.value);
    const kept = outputs(olds, olds.value);
    return JSON.stringify(asked) === JSON.stringify(kept) ? kept : outputs(news, generate(news));
  },
};

export const { create, update } = withinRun(provider);
