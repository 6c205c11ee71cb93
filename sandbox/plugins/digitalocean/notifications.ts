import { objects, text, texts } from "../bridge/props.ts";
import { type Fields, list, object, type Props, string } from "../bridge/schema.ts";
import type { Notifications } from "./api.ts";
import { notEmpty, sameText } from "./checks.ts";

const word = string({ required: true, validate: notEmpty, same: sameText((text) => text.toLowerCase()) });

/** Who is told of an alert. */
export const notificationFields: Fields = {
  emails: list(string()),
  slacks: list(object({ channel: word, url: word })),
};

export function notificationsRequest(wanted: Props): Notifications {
  return {
    email: texts(wanted.emails),
    slack: objects(wanted.slacks).map(({ channel, url }) => ({ channel: text(channel), url: text(url) })),
  };
}

export function notificationsState({ email, slack }: Notifications): Props {
  const emails = (email ?? []).filter((address) => address !== "");
  return {
    emails: emails.length > 0 ? emails : null,
    slacks: (slack ?? []).map(({ channel, url }) => ({ channel, url })),
  };
}
