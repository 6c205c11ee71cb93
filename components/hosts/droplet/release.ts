// Sends a release to the droplet. Everything, secrets included, goes through the standard input of one command.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { secretValues } from "../../secrets/hide.ts";
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

/** What bash reads: the script, what its messages must not show, the files, and the order to apply them. */
export function releaseInput(
  files: Record<string, string>,
  volumes: string[],
  secrets: string[] = [],
): string {
  const hides = secrets.map((text) => `hide << .\n${inBase64(text)}\n.\n`);
  const digest = createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 12);
  const adds = Object.entries(files).map(
    ([name, content]) => `add ${name} ${modeOf(name)} << .\n${inBase64(content)}\n.\n`,
  );
  return `${script()}\n${hides.join("")}${adds.join("")}apply ${[digest, ...volumes].join(" ")} < /dev/null\n`;
}

const inBase64 = (text: string) => Buffer.from(text).toString("base64");

/** Containers read the configuration files as users of their own; what holds secrets is root's alone. */
const modeOf = (name: string) => (name === ".env" ? "600" : "644");

const volumesOf = (services: Service[]) =>
  services.flatMap((service) => service.volumes.map(({ name }) => name));
