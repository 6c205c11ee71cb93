// What a new droplet does on its first boot, for Debian 13: the machine, not the application. Small, and frozen once
// the droplet exists, since DigitalOcean makes a new machine for every byte that differs.
import { stringify } from "yaml";
import { dataFolder, deviceOf } from "./paths.ts";

export interface FirstBoot {
  /** Name of the volume that holds the data. */
  volume: string;
  /** The key by which the first connection knows the machine; another one takes its place in that connection. */
  hostKey: { privateKey: string; publicKey: string };
}

const waitForVolumeSeconds = 900;
/** Below this, the JVM and PostgreSQL together may need more than there is. */
const swapBelowKiB = 3_500_000;

/** User data in cloud-init's form; deterministic, because another byte is another machine. */
export function cloudInit({ volume, hostKey }: FirstBoot): string {
  const document = {
    disable_root: false,
    ssh_pwauth: false,
    ssh_deletekeys: true,
    ssh_keys: { ed25519_private: hostKey.privateKey, ed25519_public: hostKey.publicKey },
    package_update: true,
    packages: ["docker.io", "docker-cli", "docker-compose", "unattended-upgrades", "systemd-timesyncd"],
    write_files: [
      ...Object.entries(systemFiles).map(([path, content]) => ({ path, content })),
      { path: "/etc/systemd/system/var-lib-atlas.mount", content: mountUnit(volume) },
      // After the package: its installation starts Docker, which would wait here for a volume that is yet to come.
      { path: "/etc/systemd/system/docker.service.d/10-atlas.conf", content: dockerUnit, defer: true },
    ],
    runcmd: firstBootScript(volume),
  };
  return `#cloud-config\n${stringify(document, { lineWidth: 0 })}`;
}

const dockerUnit = `[Unit]
# Without the volume nothing runs: a database must never begin on the machine's own disk.
RequiresMountsFor=${dataFolder}
# As a rule systemd gives up after three failures in a minute, and nothing would start a container again.
StartLimitIntervalSec=0
# Where containerd has lost its containers, only a daemon that starts anew notices. Those that run go on.
PartOf=containerd.service
`;

const mountUnit = (volume: string) => `[Unit]
Description=Atlas CMMS data volume
Before=docker.service
[Mount]
What=${deviceOf(volume)}
Where=${dataFolder}
Type=ext4
Options=noatime,discard
[Install]
WantedBy=multi-user.target
`;

const systemFiles: Record<string, string> = {
  "/etc/ssh/sshd_config.d/10-atlas.conf": `PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
X11Forwarding no
AllowAgentForwarding no
# One key, so that every client is shown the one that is pinned.
HostKey /etc/ssh/ssh_host_ed25519_key
`,
  // Containers log to the journal, which keeps them 30 days and never fills the disk.
  "/etc/docker/daemon.json": `${JSON.stringify({ "live-restore": true, "log-driver": "journald" })}\n`,
  "/etc/systemd/journald.conf.d/10-atlas.conf": `[Journal]
Storage=persistent
MaxRetentionSec=30day
SystemMaxUse=1G
`,
  "/etc/apt/apt.conf.d/52atlas-upgrades": `APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
Unattended-Upgrade::Automatic-Reboot "true";
Unattended-Upgrade::Automatic-Reboot-Time "03:30";
`,
};

const firstBootScript = (volume: string) => [
  "set -eu",
  "passwd --lock root",
  `if [ "$(awk '/^MemTotal:/ { print $2 }' /proc/meminfo)" -lt ${swapBelowKiB} ] && [ ! -e /swapfile ]; then fallocate --length 2G /swapfile; chmod 600 /swapfile; mkswap /swapfile; swapon /swapfile; echo '/swapfile none swap sw 0 0' >> /etc/fstab; fi`,
  "systemctl restart systemd-journald",
  // The volume is attached while the machine already boots.
  `timeout ${waitForVolumeSeconds} sh -c 'until [ -b ${deviceOf(volume)} ]; do sleep 1; done' || { echo 'the volume ${volume} was not attached in time'; exit 1; }`,
  "systemctl daemon-reload",
  "systemctl enable --now var-lib-atlas.mount",
  "systemctl restart docker.service",
];
