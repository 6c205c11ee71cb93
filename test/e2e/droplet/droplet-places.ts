// Where a droplet may keep something that it should not: its logs, the files of its first boot and of its releases, the
// environments of what runs, its disk.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { runOverSsh } from "../../../components/hosts/ssh.ts";
import { twinFolder } from "../../../sandbox/cloud.ts";
import { type Inspected, inspectedPlaceNames, inspectedPlaces } from "../inspected.ts";
import { ofProcess, processIds } from "../pulumi-places.ts";
import { formsOf, type Place, type Secret } from "../secret-search.ts";
import type { DropletStack } from "./droplet-stack.ts";

export const dropletPlaceNames = [
  ...inspectedPlaceNames,
  "the containers' logs",
  "the journal",
  "what sshd logs",
  "the logs of the first boot",
  "the compose files",
  "the logs of the releases",
  "the environments of processes that go on, the containers' apart",
  "the log of the account's requests",
  "the twin's own logs",
] as const;

export type DropletPlaces = Record<(typeof dropletPlaceNames)[number], Place>;

export async function dropletPlaces(it: DropletStack, inspected: Inspected[]): Promise<DropletPlaces> {
  const read = async (line: string, known: string): Promise<Place> => ({ text: await it.ssh(line), known });
  const requests = await fetch(`${it.twin().url}/_twin/log`).then((answer) => answer.text());
  return {
    ...inspectedPlaces(inspected, {
      label: "com.docker.compose.project",
      name: it.stack.container("storage"),
    }),
    "the containers' logs": await read(
      'for id in $(docker ps --all --quiet); do docker logs "$id" 2>&1; done',
      "Tomcat started",
    ),
    "the journal": await read("journalctl --all --no-pager --output verbose", "_CMDLINE=/usr/sbin/dockerd"),
    "what sshd logs": await read("journalctl --all --no-pager --unit ssh", "Accepted publickey for root"),
    "the logs of the first boot": await read("cat /var/log/cloud-init*.log", "docker.io"),
    "the compose files": await read("cat /var/lib/atlas/releases/*/compose.yaml", "backend_SMTP_PWD"),
    "the logs of the releases": await read("cat /var/lib/atlas/releases/*/log", "Started"),
    "the environments of processes that go on, the containers' apart": {
      text: environments(inspected),
      known: "/usr/sbin/dockerd -H fd://",
    },
    "the log of the account's requests": { text: requests, known: "/v2/droplets" },
    "the twin's own logs": { text: twinLogs(), known: "Serving" },
  };
}

/** Of every process of this machine, the droplet's among them. */
function environments(inspected: Inspected[]): string {
  return processIds()
    .filter((pid) => {
      const group = ofProcess(pid, "cgroup");
      return !inspected.some(({ Id }) => group.includes(Id));
    })
    .map((pid) => ({ command: ofProcess(pid, "cmdline"), environment: ofProcess(pid, "environ") }))
    .filter(({ environment }) => environment !== "")
    .map(({ command, environment }) => `${command}\n${environment}`.replaceAll("\0", " "))
    .join("\n");
}

const twinLogs = (): string =>
  ["log", "log.old", "internet.log", "internet.log.1"]
    .map((name) => path.join(twinFolder, name))
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");

export interface FileWithSecret {
  file: string;
  secrets: string[];
  /** Such as `600 root:root`. */
  mode: string;
  readableForOthers: boolean;
}

/** Left out: what the kernel makes up, Docker's own store, the services' data, and what the twin lays into a machine. */
const leftOut = ["/proc", "/sys", "/dev", "/var/lib/docker", "/var/lib/atlas/volumes", "/firmware"];

// The list of what to look for is in a file that has no name any more: no argument, nothing to find, nothing to leave.
const search = `set -eu; umask 077
list=$(mktemp); cat > $list; exec 3< $list; rm $list
find / ${leftOut.map((folder) => `-path ${folder} -prune -o`).join(" ")} -type f -print0 |
  xargs -0 grep -aoHZFf /proc/self/fd/3 || [ $? = 123 ]`;

/** Every file on the droplet's disks and in its memory that holds a secret. */
export async function filesWithSecrets(it: DropletStack, secrets: Secret[]): Promise<FileWithSecret[]> {
  const owners = new Map(secrets.flatMap((secret) => formsOf(secret).map((form) => [form, secret.name])));
  const { code, stdout, output } = await runOverSsh(await it.sshTarget(), `bash -c '${search}'`, {
    input: `${[...owners.keys()].join("\n")}\n`,
    timeoutMs: 120_000,
  });
  if (code !== 0) throw new Error(`the search failed: ${output}`);
  const found = new Map<string, Set<string>>();
  for (const line of stdout.toString().split("\n").filter(Boolean)) {
    const [file = "", form = ""] = line.split("\0");
    found.set(file, (found.get(file) ?? new Set()).add(owners.get(form) ?? "?"));
  }
  const files: FileWithSecret[] = [];
  // One after the other: a connection carries ten sessions at most.
  for (const [file, names] of found) {
    const [mode = "", readable] = (
      await it.ssh(
        `stat -c '%a %U:%G' '${file}'; setpriv --reuid=65534 --regid=65534 --clear-groups test -r '${file}' && echo yes || echo no`,
      )
    ).split("\n");
    files.push({ file, secrets: [...names].sort(), mode, readableForOthers: readable !== "no" });
  }
  return files;
}
