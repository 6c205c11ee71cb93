import { createHash } from "node:crypto";
import { z } from "zod";
import { type Call, found, parameter, readBody } from "./http/call.ts";
import { unprocessable } from "./http/errors.ts";
import { noContent, ok, page } from "./http/reply.ts";
import { route } from "./http/router.ts";
import { next, type SshKey } from "./state.ts";

const TYPES = [
  "ssh-rsa",
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "sk-ssh-ed25519@openssh.com",
  "sk-ecdsa-sha2-nistp256@openssh.com",
];

const name = z.string("name is required").min(1, "Name can't be blank").max(255, "Name is too long");
const keyBody = z.object({ name, public_key: z.string("public_key is required") });

/** The MD5 of the key itself, in pairs; @throws ApiError 422 when it is no OpenSSH public key */
export function fingerprintOf(line: string): string {
  const [type = "", base64 = ""] = line.trim().split(/\s+/);
  if (!TYPES.includes(type)) throw unprocessable(`Key invalid type, we support ${TYPES.join(", ")}`);
  const blob = Buffer.from(base64, "base64");
  const isBase64 = blob.toString("base64").replace(/=+$/, "") === base64.replace(/=+$/, "");
  const fields = isBase64 ? fieldsOf(blob) : [];
  if (fields.length < 2 || fields[0]?.toString() !== type)
    throw unprocessable("Key invalid, key should be of the format `type key [comment]`");
  return createHash("md5")
    .update(blob)
    .digest("hex")
    .replace(/..(?=.)/g, "$&:");
}

/** Each with its length before it; none when they do not fill the blob. */
function fieldsOf(blob: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  let at = 0;
  while (at + 4 <= blob.length) {
    const end = at + 4 + blob.readUInt32BE(at);
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return at === blob.length ? fields : [];
}

const view = ({ id, fingerprint, public_key, name }: SshKey) => ({ id, fingerprint, public_key, name });

/** By id or by fingerprint. */
const keyOf = (call: Call): SshKey => {
  const wanted = parameter(call);
  return found(
    call.account.keys.find(({ id, fingerprint }) => String(id) === wanted || fingerprint === wanted),
  );
};

export const KEY_LISTING = "/v2/account/keys";

export const keyRoutes = [
  route("GET", KEY_LISTING, (call) => page(call, "ssh_keys", call.account.keys, view)),
  route("POST", KEY_LISTING, (call) => {
    const body = readBody(call, keyBody);
    const fingerprint = fingerprintOf(body.public_key);
    if (call.account.keys.some((key) => key.fingerprint === fingerprint))
      throw unprocessable("SSH Key is already in use on your account");
    const key = {
      id: next(call.twin.state, "key"),
      name: body.name,
      fingerprint,
      public_key: body.public_key,
    };
    call.account.keys.push(key);
    return ok({ ssh_key: view(key) }, 201);
  }),
  route("GET", `${KEY_LISTING}/:id`, (call) => ok({ ssh_key: view(keyOf(call)) })),
  route("PUT", `${KEY_LISTING}/:id`, (call) => {
    const key = keyOf(call);
    key.name = readBody(call, z.object({ name })).name;
    return ok({ ssh_key: view(key) });
  }),
  route("DELETE", `${KEY_LISTING}/:id`, (call) => {
    const key = keyOf(call);
    call.account.keys = call.account.keys.filter((other) => other !== key);
    return noContent();
  }),
];
