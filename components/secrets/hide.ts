// Containers that crash may say anything, and what a failure tells is shown and kept.
import * as pulumi from "@pulumi/pulumi";
import type { Service } from "../services/service.ts";

/** Values of the services' environments that Pulumi knows to be secret. */
export const secretValues = (services: Service[]): pulumi.Output<string[]> =>
  pulumi.secret(
    pulumi
      .output(
        services
          .flatMap((service) => Object.values(service.env))
          .map(async (value) => ((await pulumi.isSecret(pulumi.output(value))) ? [value] : [])),
      )
      .apply((values) => hidden(values.flat())),
  );

/**
 * Line by line, since messages indent their lines; the longest first, as one may be a part of another. A map of
 * variables is secret as a whole: short values such as `true` would make the messages unreadable and tell nobody anything.
 */
export const hidden = (secrets: string[]): string[] =>
  [...new Set(secrets.flatMap((secret) => secret.split(/[\r\n]+/)))]
    .filter((line) => line.length >= 6)
    .sort((a, b) => b.length - a.length);
