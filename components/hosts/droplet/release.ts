// Sends a release to the droplet. Everything, secrets included, goes through the standard input of one command.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Service } from "../../services/service.ts";
import type { ResolvedService } from "../compose.ts";
import { releaseFiles } from "./release-files.ts";

export interface ReleaseArgs {
  services: Service[];
  namePrefix: string;
  connection: pulumi.Input<command.types.input.remote.ConnectionArgs>;
  /** Another machine gets the release anew. */
  dropletId: pulumi.Input<string>;
}

/** @returns the command; its output is what the machine said */
export function release(
  name: string,
  { services, namePrefix, connection, dropletId }: ReleaseArgs,
  opts: pulumi.CustomResourceOptions,
): command.remote.Command {
  const input = pulumi
    .all([pulumi.output(services), secretValues(services)])
    .apply(([resolved, secrets]) =>
      releaseInput(releaseFiles(resolved as ResolvedService[], { namePrefix }), volumesOf(services), secrets),
    );
  return new command.remote.Command(
    name,
    {
      connection,
      create: "bash -s",
      stdin: pulumi.secret(input),
      triggers: [dropletId],
      logging: "none",
      addPreviousOutputInEnv: false,
    },
    opts,
  );
}

const script = () => readFileSync(path.join(import.meta.dirname, "release.sh"), "utf8");

/** Values of the services' environments that Pulumi knows to be secret. */
const secretValues = (services: Service[]): pulumi.Output<string[]> =>
  pulumi
    .output(
      services
        .flatMap((service) => Object.values(service.env))
        .map(async (value) => ((await pulumi.isSecret(pulumi.output(value))) ? [value] : [])),
    )
    .apply((values) => values.flat());

/** What bash reads: the script, what its messages must not show, the files, and the order to apply them. */
export function releaseInput(
  files: Record<string, string>,
  volumes: string[],
  secrets: string[] = [],
): string {
  const hides = hidden(secrets).map((text) => `hide << .\n${inBase64(text)}\n.\n`);
  const digest = createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 12);
  const adds = Object.entries(files).map(
    ([name, content]) => `add ${name} ${modeOf(name)} << .\n${inBase64(content)}\n.\n`,
  );
  return `${script()}\n${hides.join("")}${adds.join("")}apply ${[digest, ...volumes].join(" ")} < /dev/null\n`;
}

/**
 * Line by line, since messages indent their lines; the longest first, as one may be a part of another. A map of
 * variables is secret as a whole: short values such as `true` would make the messages unreadable and tell nobody anything.
 */
const hidden = (secrets: string[]): string[] =>
  [...new Set(secrets.flatMap((secret) => secret.split(/[\r\n]+/)))]
    .filter((line) => line.length >= 6)
    .sort((a, b) => b.length - a.length);

const inBase64 = (text: string) => Buffer.from(text).toString("base64");

/** Containers read the configuration files as users of their own; what holds secrets is root's alone. */
const modeOf = (name: string) => (name === ".env" ? "600" : "644");

const volumesOf = (services: Service[]) =>
  services.flatMap((service) => service.volumes.map(({ name }) => name));
