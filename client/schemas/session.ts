import { z } from "zod";
import { dateOut } from "./fields.ts";

/** What sign-in, refresh and a change of password answer (atlas-api 5.2). */
export const tokensOut = z.looseObject({
  accessToken: z.string().min(1),
  refreshToken: z.string().nullable().default(null),
  expiresAt: dateOut,
});
export type TokenAnswer = z.output<typeof tokensOut>;
