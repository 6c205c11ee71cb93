// What Atlas writes to people: subjects and links as the original's, in English and in fewer words.
import type { Settings } from "./env.ts";

export interface Letter {
  to: string[];
  subject: string;
  html: string;
}

type Urls = Pick<Settings, "publicApiUrl" | "publicFrontUrl">;

/** @param inviter and the company, as they are stored: escaped already */
export function invitation(
  { publicFrontUrl }: Urls,
  { email, roleId, inviter, company }: { email: string; roleId: number; inviter: string; company: string },
): Letter {
  return {
    to: [email],
    subject: "Invitation to use Atlas CMMS",
    html: page(
      `${inviter} invites you to ${company}.`,
      "Join",
      `${publicFrontUrl}/account/register?email=${email}&role=${roleId}`,
    ),
  };
}

/** The password holds once the link is used. */
export function passwordReset(
  { publicApiUrl }: Urls,
  { email, password, token }: { email: string; password: string; token: string },
): Letter {
  return {
    to: [email],
    subject: "Atlas CMMS Password Reset",
    html: page(
      `Once you have confirmed it, your password is ${password}. Change it soon.`,
      "Confirm",
      `${publicApiUrl}/auth/reset-pwd-confirm?token=${token}`,
    ),
  };
}

export function activation(
  { publicApiUrl }: Urls,
  { email, token }: { email: string; token: string },
): Letter {
  return {
    to: [email],
    subject: "Confirmation Email",
    html: page(
      "Confirm your address to use your account.",
      "Confirm",
      `${publicApiUrl}/auth/activate-account?token=${token}`,
    ),
  };
}

/** One letter for all. @param order with its title as it is stored */
export function assignment(
  { publicFrontUrl }: Urls,
  order: { id: number; title: string },
  to: string[],
): Letter {
  return {
    to,
    subject: "New Work Order",
    html: page(
      `This work order is assigned to you: ${order.title}`,
      "See it",
      `${publicFrontUrl}/app/work-orders/${order.id}`,
    ),
  };
}

const page = (text: string, label: string, link: string): string =>
  `<p>${text}</p>\n<p><a href="${link.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}">${label}</a></p>\n`;
