import type { Settings } from "../env.ts";
import { ApiError } from "../http/api-error.ts";
import { bcryptPool } from "./bcrypt.ts";

export function hashPassword(password: string): Promise<string> {
  return bcryptPool.hash(password);
}

export function passwordMatches(password: string, hash: string): Promise<boolean> {
  return bcryptPool.matches(password, hash);
}

export function refuseWeakPassword(password: string, policy: Settings["passwords"]): void {
  const fault = passwordFault(password, policy);
  if (fault !== undefined) throw new ApiError(400, fault);
}

export function passwordFault(password: string, policy: Settings["passwords"]): string | undefined {
  if (password.length < policy.minLength) return `Password must be at least ${policy.minLength} characters`;
  if (password.length > policy.maxLength) return `Password must be at most ${policy.maxLength} characters`;
  const repeated = new Set(password).size === 1;
  if (policy.refuseCommon && (repeated || COMMON.has(password.toLowerCase()))) {
    return "Password is too common. Please choose a more unique password";
  }
  return undefined;
}

/** Those of the well-known lists that pass the length rule. */
const COMMON = new Set(
  (
    "password1234 password12345 password123456 passwordpassword password123! password1234! passw0rd1234 p@ssw0rd1234 " +
    "123456789012 1234567890123 12345678901234 1234567890123456 123456123456 123123123123 012345678901 0123456789012 " +
    "qwertyuiop12 qwertyuiop123 qwertyuiop1234 qwerty123456 qwertyqwerty 1q2w3e4r5t6y 1qaz2wsx3edc qazwsxedcrfv " +
    "administrator administrator1 adminadminadmin admin1234567 admin12345678 letmeinletmein letmein12345 welcome12345 " +
    "welcome123456 iloveyou1234 iloveyouiloveyou changeme1234 changemechangeme abcdefghijkl abcdefghijklm abc123456789 " +
    "abcd12345678 superman1234 football1234 baseball1234 sunshine1234 princess1234 trustno1trustno1 monkey123456"
  ).split(" "),
);
