// What is secret in a stack, and how to find it in a text, in whatever form a program may have written it.
import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { TestStack } from "./test-stack.ts";

export interface Secret {
  name: string;
  /** Each must be found by itself: a key has lines, and a canary is found however its surroundings were written. */
  parts: string[];
}

/** A text where no secret may be. */
export interface Place {
  text: string;
  /** Not secret, and there: a search that looks at nothing fails. */
  known: string;
}

export interface Canary extends Secret {
  /** What the operator sets. */
  value: string;
}

/** Has characters that a shell, JSON, a URL or a template might do something with. */
export function canary(name: string): Canary {
  const core = randomBytes(12).toString("hex");
  return { name, parts: [core], value: `"${core}" $HOME & 100%` };
}

/** The values of the stack's GeneratedSecret resources; the deployment's id is one that everybody may know. */
export async function generatedSecrets(stack: TestStack): Promise<Secret[]> {
  return (await generatedValues(stack)).map(({ name, value }) => ({ name, parts: partsOf(value) }));
}

/** @param name as the stack's program calls the resource, such as `atlas-database-secret` */
export async function generatedValues(stack: TestStack): Promise<{ name: string; value: string }[]> {
  const state = JSON.parse(await stack.pulumi("stack", "export", "--show-secrets"));
  const resources: { type: string; urn: string; outputs: { value: { plaintext: string } } }[] =
    state.deployment.resources;
  return resources
    .filter(({ type, urn }) => type.endsWith("GeneratedSecret") && !urn.endsWith("-deployment-id"))
    .map(({ urn, outputs }) => ({
      name: urn.slice(urn.lastIndexOf(":") + 1),
      value: JSON.parse(outputs.value.plaintext),
    }));
}

/** Lines of a private key, without the first, which all keys of a kind have in common. */
export function partsOf(value: string): string[] {
  const lines = value.split("\n").filter((line) => line !== "" && !line.startsWith("-----"));
  return lines.length > 1 ? lines.slice(1).filter((line) => line.length > 20) : lines;
}

/** Without those that are there twice, as when some of a stack's secrets were renewed and others were not. */
export const distinct = (secrets: Secret[]): Secret[] => [
  ...new Map(secrets.map((secret) => [JSON.stringify(secret.parts), secret])).values(),
];

/** As it is, and as a URL, an HTTP header or a file in base64 would carry it. */
export const formsOf = ({ parts }: Secret): string[] =>
  parts.flatMap((part) => [part, encodeURIComponent(part), ...inBase64(part)]);

/** Wherever in a longer text it began. */
const inBase64 = (text: string): string[] =>
  [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), Buffer.from(text)])
      .toString("base64")
      .slice(before === 0 ? 0 : before + 1)
      .replace(/.={1,2}$/, ""),
  );

export const isIn = (secret: Secret, text: string): boolean =>
  formsOf(secret).some((form) => text.includes(form));

export function expectNoSecret({ text, known }: Place, secrets: Secret[]): void {
  expect(text.includes(known), `it holds ${known}`).toBe(true);
  const found = secrets.filter((secret) => isIn(secret, text));
  expect(found.map((secret) => `${secret.name}: ${excerpt(text, secret)}`)).toEqual([]);
}

/** Where it stands, for whoever reads the failure. */
function excerpt(text: string, secret: Secret): string {
  const form = formsOf(secret).find((candidate) => text.includes(candidate)) ?? "";
  const at = text.indexOf(form);
  return text.slice(Math.max(0, at - 200), at + form.length + 50);
}
