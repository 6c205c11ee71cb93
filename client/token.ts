import type { TokenAnswer } from "./schemas/session.ts";

/** A signed-in state. `usableUntil` and `renewAt` are in this machine's time. */
export interface Tokens {
  readonly access: string;
  readonly refresh: string | null;
  readonly receivedAt: number;
  readonly usableUntil: number;
  readonly renewAt: number;
  /** Server's clock minus this machine's, at most about a second too low; undefined when the token does not tell. */
  readonly clockOffsetMs: number | undefined;
}

export interface TokenPolicy {
  readonly ttlMs: number;
  readonly refreshBufferMs: number;
}

/**
 * Works out how long a token serves. What the token says wins over the configuration, and its life is measured by
 * the server's own clock, so that a wrong clock here does no harm.
 */
export function tokensFrom(answer: TokenAnswer, now: number, policy: TokenPolicy): Tokens {
  const claims = claimsOf(answer.accessToken);
  const said = claims === undefined ? Date.parse(answer.expiresAt) - now : (claims.exp - claims.iat) * 1000;
  const life = Math.max(0, Math.min(said, policy.ttlMs));
  const buffer = Math.min(policy.refreshBufferMs, life / 5);
  return {
    access: answer.accessToken,
    refresh: answer.refreshToken,
    receivedAt: now,
    usableUntil: now + life,
    renewAt: now + life - buffer,
    clockOffsetMs: claims === undefined ? undefined : claims.iat * 1000 - now,
  };
}

/** The same state without its access token, which is known to be refused. */
export function withoutAccess(tokens: Tokens): Tokens {
  return { ...tokens, usableUntil: 0, renewAt: 0 };
}

function claimsOf(jwt: string): { iat: number; exp: number } | undefined {
  const payload = jwt.split(".")[1];
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    if (typeof claims !== "object" || claims === null || !("iat" in claims) || !("exp" in claims))
      return undefined;
    const { iat, exp } = claims;
    return typeof iat === "number" && typeof exp === "number" ? { iat, exp } : undefined;
  } catch (cause) {
    // Not a JWT that can be read here: then expiresAt tells.
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}
