import { StartFailure } from "./start-failure.ts";

export interface SigningKey {
  bytes: Uint8Array;
  algorithm: "HS256" | "HS384" | "HS512";
}

/** The key of JWT_SECRET_KEY: standard base64 of at least 32 bytes, whose length picks the algorithm. */
export function signingKey(secret: string): SigningKey {
  const bytes = decodeStandardBase64(secret);
  const bits = bytes.length * 8;
  if (bits < 256) {
    throw new StartFailure(
      `The specified key byte array is ${bits} bits which is not secure enough for any JWT HMAC-SHA algorithm. ` +
        "The JWT JWA Specification (RFC 7518, Section 3.2) states that keys used with HMAC-SHA algorithms MUST " +
        "have a size >= 256 bits (the key size must be greater than or equal to the hash output size).",
    );
  }
  return { bytes, algorithm: bits >= 512 ? "HS512" : bits >= 384 ? "HS384" : "HS256" };
}

/** Decodes like java.util.Base64.getDecoder(): no url-safe letters, no white space, padding optional but exact. */
export function decodeStandardBase64(text: string): Uint8Array {
  if (text.length === 1) throw new StartFailure("Input byte[] should at least have 2 bytes for base64 bytes");
  const padding = text.indexOf("=");
  const letters = padding === -1 ? text : text.slice(0, padding);
  const illegal = letters.match(/[^A-Za-z0-9+/]/);
  if (illegal) {
    throw new StartFailure(`Illegal base64 character ${Buffer.from(illegal[0])[0]?.toString(16)}`);
  }
  const lastUnit = letters.length % 4;
  const tail = padding === -1 ? "" : text.slice(padding);
  const missingSecondPad = lastUnit === 2 && tail !== "" && !tail.startsWith("==");
  if ((tail !== "" && lastUnit === 0) || missingSecondPad) {
    throw new StartFailure("Input byte array has wrong 4-byte ending unit");
  }
  if (lastUnit === 1) throw new StartFailure("Last unit does not have enough valid bits");
  const end = letters.length + (tail === "" ? 0 : 4 - lastUnit);
  if (text.length > end) throw new StartFailure(`Input byte array has incorrect ending byte at ${end}`);
  return Uint8Array.from(Buffer.from(letters, "base64"));
}
