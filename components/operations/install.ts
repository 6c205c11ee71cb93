// Brings the operations to a droplet: Node.js, program, settings, timer and watch. Each step may be done again.
import type { Deployment } from "../../ops/deployment.ts";
import { runOverSsh, type SshTarget } from "../hosts/ssh.ts";
import { bundle } from "./bundle.ts";
import type { Settings } from "./operations.ts";
import { commandOf, deploymentFile, operationsFolder, programFile } from "./paths.ts";

/** Package mirrors may be slow, and unattended upgrades may have the lock. */
const packagesTimeoutMs = 10 * 60_000;

const installNode = `command -v node > /dev/null && exit
export DEBIAN_FRONTEND=noninteractive
apt-get update --quiet --quiet
apt-get install --quiet --quiet --yes --no-install-recommends -o DPkg::Lock::Timeout=300 nodejs`;

/** Before the hour at which security updates may reboot the machine (cloud-init.ts). */
const timerAt = "*-*-* 01:30:00";

const environment = "Environment=NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt";

export const units: Record<string, string> = {
  "atlas-daily.service": `[Unit]
Description=Atlas CMMS: backup, and once a week a drill
RequiresMountsFor=${operationsFolder}
After=atlas.service
[Service]
Type=oneshot
${environment}
Nice=10
IOSchedulingClass=idle
ExecStart=/usr/bin/${commandOf("daily").join(" ")}
`,
  "atlas-daily.timer": `[Unit]
Description=Atlas CMMS: backup each night
[Timer]
OnCalendar=${timerAt}
RandomizedDelaySec=30m
Persistent=true
[Install]
WantedBy=timers.target
`,
  "atlas-watch.service": `[Unit]
Description=Atlas CMMS: status, metrics and alerts
RequiresMountsFor=${operationsFolder}
After=docker.service
[Service]
${environment}
ExecStart=/usr/bin/${commandOf("watch").join(" ")}
Restart=always
RestartSec=30
[Install]
WantedBy=multi-user.target
`,
};

/** @throws Error with what the machine said */
export async function install(target: SshTarget, settings: Settings): Promise<void> {
  const deployment: Deployment = { ...settings, folder: operationsFolder };
  await run(target, "Node.js cannot be installed", `set -e\n${installNode}`, "", packagesTimeoutMs);
  await run(target, "the program cannot be written", writeFile(programFile, "644"), await bundle());
  await run(
    target,
    "the settings cannot be written",
    writeFile(deploymentFile, "600"),
    JSON.stringify(deployment),
  );
  for (const [name, text] of Object.entries(units))
    await run(target, `${name} cannot be written`, writeFile(`/etc/systemd/system/${name}`, "644"), text);
  await run(target, "the timer cannot be started", start);
}

/** Whole or not at all, whoever reads it meanwhile. */
const writeFile = (file: string, mode: string) => `set -e; umask 077
install -d -m 755 $(dirname ${file})
cat > ${file}.new
chmod ${mode} ${file}.new
mv ${file}.new ${file}`;

const start = `set -e
install -d -m 700 ${operationsFolder}
systemctl daemon-reload
systemctl enable --quiet --now atlas-daily.timer
systemctl enable --quiet atlas-watch.service
systemctl restart atlas-watch.service`;

async function run(
  target: SshTarget,
  fault: string,
  script: string,
  input = "",
  timeoutMs = 60_000,
): Promise<void> {
  const { code, output } = await runOverSsh(target, script, { input, timeoutMs });
  if (code === 0) return;
  throw new Error(
    `${fault} on the droplet at ${target.address} (exit code ${code}):\n${output.toString().trimEnd().replaceAll(/^/gm, "    | ")}\n  next: scripts/ssh STACK systemctl --failed; then run the up again`,
  );
}
