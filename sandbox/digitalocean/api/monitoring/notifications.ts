import { z } from "zod";

/** Where an alert goes to. */
export const notifications = z.object({
  email: z.array(z.email("email must hold e-mail addresses")).default([]),
  slack: z
    .array(
      z.object({
        channel: z.string().min(1),
        url: z.url({ protocol: /^https$/, error: "slack.url must be an https URL" }),
      }),
    )
    .default([]),
});

export const reachesSomebody = ({ email, slack }: z.infer<typeof notifications>): boolean =>
  email.length + slack.length > 0;
