// Makes sure that a Docker engine answers: starts an installed one, installs a missing one where that is possible.
import { spawn } from "node:child_process";
import { existsSync, openSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { quietly, Stop, step, succeeds } from "./process.ts";

const logFile = "/var/log/dockerd-atlas.log";
const answers = () => succeeds("docker", ["version"]);
const isRoot = () => process.getuid?.() === 0;

/** @throws Stop saying what to install or to start */
export async function ensureDocker(): Promise<void> {
  if (answers()) return;
  if (process.env.DOCKER_HOST)
    throw new Stop(
      `The Docker engine at DOCKER_HOST=${process.env.DOCKER_HOST} does not answer. Start it, or unset DOCKER_HOST to use the one of this machine.`,
    );
  if (!succeeds("sh", ["-c", "command -v dockerd"])) await install();
  if (!isRoot())
    throw new Stop(
      "Docker is installed but does not answer this user. Start it (sudo systemctl start docker) and let the user in: sudo usermod -aG docker $USER, then log in again.",
    );
  await step("Starting the Docker engine", start);
}

async function install(): Promise<void> {
  if (!isRoot() || !existsSync("/usr/bin/apt-get"))
    throw new Stop(
      "Docker is not installed. On Debian or Ubuntu: sudo apt-get install docker.io; elsewhere see the documentation of your system. Then run this again.",
    );
  await aptInstall("Docker", ["docker.io", "iptables"]);
}

/** Installs Debian or Ubuntu packages, saying so. */
export async function aptInstall(what: string, packages: string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await step(`Installing ${what} (apt-get install ${packages.join(" ")})`, async () => {
    await quietly("apt-get", ["update", "-qq"], { env });
    await quietly("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], { env });
  });
}

async function start(): Promise<void> {
  if (existsSync("/run/systemd/system")) await quietly("systemctl", ["start", "docker"]);
  else startDaemon();
  const deadline = Date.now() + 60_000;
  while (!answers()) {
    if (Date.now() > deadline)
      throw new Stop(`The Docker engine does not start. The end of its log:\n${endOfLog()}`);
    await delay(250);
  }
}

/** On a machine without systemd the daemon is started by hand; it stays when this script ends. */
function startDaemon(): void {
  removeStalePid("/var/run/docker.pid");
  removeStalePid("/var/run/docker/containerd/containerd.pid");
  const log = openSync(logFile, "a", 0o600);
  spawn("dockerd", [], { detached: true, stdio: ["ignore", log, log] }).unref();
}

/** A daemon that was killed leaves its number behind, and another process may have it now. */
function removeStalePid(file: string): void {
  if (!existsSync(file)) return;
  const pid = readFileSync(file, "utf8").trim();
  const command = existsSync(`/proc/${pid}/comm`) ? readFileSync(`/proc/${pid}/comm`, "utf8") : "";
  if (!/dockerd|containerd/.test(command)) rmSync(file);
}

const endOfLog = () =>
  existsSync(logFile) ? readFileSync(logFile, "utf8").split("\n").slice(-15).join("\n") : "(none)";
