import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { cloudInit } from "../../../components/hosts/droplet/cloud-init.ts";
import { newKey, publicLine } from "./ssh-machine.ts";

const privateKey = newKey();
const hostKey = { privateKey, publicKey: publicLine(privateKey) };
const text = cloudInit({ volume: "atlas-prod-data", hostKey });

interface Document {
  ssh_keys: Record<string, string>;
  packages: string[];
  write_files: { path: string; content: string; defer?: boolean }[];
  runcmd: string[];
  [key: string]: unknown;
}
const document = parse(text) as Document;
const fileOf = (path: string) => document.write_files.find((file) => file.path === path);
const contentOf = (path: string) => fileOf(path)?.content ?? "";
// cloud-init writes the lines of runcmd into one script for sh.
const script = document.runcmd.join("\n");

const python = spawnSync("python3", ["-c", "import yaml"]).status === 0;

describe("user data", () => {
  test("is what cloud-init takes for its configuration, and the same each time", () => {
    expect(text).toMatch(/^#cloud-config\n/);
    expect(cloudInit({ volume: "atlas-prod-data", hostKey })).toBe(text);
    expect(Buffer.byteLength(text)).toBeLessThan(16 * 1024);
  });

  test("gives back the host key letter by letter", () => {
    expect(document.ssh_keys).toEqual({
      ed25519_private: hostKey.privateKey,
      ed25519_public: hostKey.publicKey,
    });
  });

  // cloud-init reads YAML 1.1, where yes, on and 010 mean something else.
  test.skipIf(!python)("means the same to the parser that cloud-init uses", () => {
    const dump = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))";
    const read = execFileSync("python3", ["-c", dump], { input: text, encoding: "utf8" });
    expect(JSON.parse(read)).toEqual(document);
  });
});

describe("ssh", () => {
  test("takes keys only, shows the pinned key only", () => {
    expect(document).toMatchObject({ ssh_pwauth: false, ssh_deletekeys: true, disable_root: false });
    const settings = contentOf("/etc/ssh/sshd_config.d/10-atlas.conf").split("\n");
    expect(settings).toEqual(
      expect.arrayContaining([
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PermitRootLogin prohibit-password",
        "HostKey /etc/ssh/ssh_host_ed25519_key",
      ]),
    );
    expect(settings.filter((line) => line.startsWith("HostKey"))).toHaveLength(1);
    expect(document.runcmd).toContain("passwd --lock root");
  });
});

describe("the volume", () => {
  test("is mounted by a unit of its own, under the name that its path demands", () => {
    const unit = contentOf("/etc/systemd/system/var-lib-atlas.mount");
    expect(unit).toContain("What=/dev/disk/by-id/scsi-0DO_Volume_atlas-prod-data\n");
    expect(unit).toContain("Where=/var/lib/atlas\n");
    expect(unit).toContain("Type=ext4\n");
  });

  test("is what Docker needs, and the package's installation does not yet wait for it", () => {
    const dropIn = fileOf("/etc/systemd/system/docker.service.d/10-atlas.conf");
    expect(dropIn?.content).toMatch(/^\[Unit\]\n(#.*\n)*RequiresMountsFor=\/var\/lib\/atlas\n/);
    expect(dropIn?.defer).toBe(true);
  });

  test("is waited for before anything is mounted or started", () => {
    const order = [
      "until [ -b /dev/disk/by-id",
      "daemon-reload",
      "enable --now var-lib-atlas",
      "restart docker",
    ];
    const places = order.map((words) => script.indexOf(words));
    expect(places).not.toContain(-1);
    expect(places.toSorted((a, b) => a - b)).toEqual(places);
  });
});

describe("the first-boot script", () => {
  test("is one that sh can read", () => {
    expect(spawnSync("sh", ["-n"], { input: script, encoding: "utf8" })).toMatchObject({
      status: 0,
      stderr: "",
    });
  });

  test("ends with the first failure", () => {
    expect(document.runcmd[0]).toBe("set -eu");
  });

  test("says so where the volume does not come", () => {
    const wait =
      document.runcmd.find((line) => line.includes("until"))?.replace("timeout 900", "timeout 0.1") ?? "";
    const { status, stdout } = spawnSync("sh", ["-euc", wait], { encoding: "utf8" });
    expect({ status, stdout }).toEqual({
      status: 1,
      stdout: "the volume atlas-prod-data was not attached in time\n",
    });
  });

  test.each([
    ["2 GiB", 2_010_000, true],
    ["4 GiB", 3_997_000, false],
  ])("makes swap with %s: %d KiB", (_, kib, swap) => {
    const line = document.runcmd.find((entry) => entry.includes("MemTotal")) ?? "";
    const shell = `awk() { echo ${kib}; }; fallocate() { echo swap; exit; }; ${line}`;
    const { status, stdout } = spawnSync("sh", ["-euc", shell], { encoding: "utf8" });
    expect({ status, stdout }).toEqual({ status: 0, stdout: swap ? "swap\n" : "" });
  });
});

test("Docker logs to the journal, which keeps 30 days", () => {
  expect(JSON.parse(contentOf("/etc/docker/daemon.json"))).toEqual({
    "live-restore": true,
    "log-driver": "journald",
  });
  expect(contentOf("/etc/systemd/journald.conf.d/10-atlas.conf")).toContain("MaxRetentionSec=30day\n");
});

test("the packages are Debian's own", () => {
  expect(document.packages).toEqual([
    "docker.io",
    "docker-cli",
    "docker-compose",
    "unattended-upgrades",
    "systemd-timesyncd",
  ]);
});

describe("an engine that fails", () => {
  const dropIn = contentOf("/etc/systemd/system/docker.service.d/10-atlas.conf");

  test("is started again however often it has failed", () => {
    expect(dropIn).toContain("StartLimitIntervalSec=0\n");
  });

  test("looks anew at its containers when the daemon below it has failed", () => {
    expect(dropIn).toContain("PartOf=containerd.service\n");
  });
});
