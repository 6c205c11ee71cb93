// The deployment on a droplet as it is registered with the engine, under Pulumi's mocks.
import { describe, expect, test } from "vitest";
import { deployEach, type Registered } from "./deployed.ts";

const prod = {
  "atlas:host": "droplet",
  "atlas:namePrefix": "atlas-prod",
  "atlas:domain": "atlas.plant.example",
  "atlas:sshFrom": '["203.0.113.7/32","2001:db8::/48"]',
};
const config = (more: Record<string, string>) => ({ config: { ...prod, ...more } });
const stacks = await deployEach({
  plant: config({}),
  again: config({}),
  changed: config({ "atlas:backendEnv": '{"A":"b"}', "atlas:dropletImage": "debian-14-x64" }),
  replacing: config({ "atlas:replaceDroplet": "true" }),
  zone: config({ "atlas:dnsZone": "plant.example" }),
  apex: config({ "atlas:domain": "plant.example", "atlas:dnsZone": "plant.example" }),
  deep: config({ "atlas:domain": "a.b.plant.example", "atlas:dnsZone": "plant.example" }),
  renewed: config({ "atlas:rotate": '{"hostKey":3}' }),
  bare: config({ "atlas:backups": "off", "atlas:alertEmail": "ops@plant.example", "atlas:acmeRoot": "" }),
  daily: config({ "atlas:backups": "daily", "atlas:volumeSize": "40", "atlas:dropletSize": "s-4vcpu-8gb" }),
  plain: {
    config: {
      ...prod,
      "atlas:domain": "",
      "atlas:withoutHttps": "passwords cross the network unencrypted",
      "atlas:publicUrl": "http://atlas.plant.example",
    },
  },
});
const { plant } = stacks;
const of = (name: string) => plant.named(`atlas-host-${name}`);
const connection = () => of("release").inputs.connection as { secret: { hostKey: string } };
const secretText = (value: unknown): string => (value as { secret: string }).secret;

test("which resources there are, and whose children they are", () => {
  const tree = plant.resources.map(
    ({ type, name, parent }) => `${type.split(/[:/]/).at(-1)} ${parent}/${name}`,
  );
  const children = [
    ...["deploy-key", "host-key", "first-host-key"].map((name) => `GeneratedSecret ${name}`),
    "Vpc vpc",
    "Tag tag",
    "Firewall firewall",
    "Volume data",
    "SshKey ssh-key",
    "Droplet droplet",
    "VolumeAttachment attachment",
    "ReservedIp address",
    "ReservedIpAssignment address-assignment",
    "Machine machine",
    "Project project",
    ...["disk", "memory", "cpu"].map((metric) => `MonitorAlert alert-${metric}`),
    "UptimeCheck uptime",
    "UptimeAlert uptime-alert",
    "Command release",
  ].map((child) => child.replace(" ", " atlas-host/atlas-host-"));
  expect(tree.toSorted()).toEqual(
    [
      "AtlasDeployment /atlas",
      "DropletHost atlas/atlas-host",
      ...["admin", "database", "jwt", "storage", "super-admin"].map(
        (n) => `GeneratedSecret atlas/atlas-${n}-secret`,
      ),
      "GeneratedSecret atlas/atlas-backup-key",
      "GeneratedSecret atlas/atlas-deployment-id",
      ...children,
      "Bootstrap atlas/atlas-bootstrap",
      "Operations atlas/atlas-operations",
      "Smoke atlas/atlas-smoke",
    ].toSorted(),
  );
});

describe("the firewall", () => {
  const everywhere = ["0.0.0.0/0", "::/0"];

  test("lets ssh in from the named networks, http and https from everywhere, and nothing else", () => {
    expect(of("firewall").inputs).toMatchObject({
      tags: ["atlas-prod"],
      inboundRules: [
        { protocol: "tcp", portRange: "22", sourceAddresses: ["203.0.113.7/32", "2001:db8::/48"] },
        { protocol: "tcp", portRange: "80", sourceAddresses: everywhere },
        { protocol: "tcp", portRange: "443", sourceAddresses: everywhere },
        { protocol: "udp", portRange: "443", sourceAddresses: everywhere },
      ],
    });
    expect(of("firewall").inputs).not.toHaveProperty("dropletIds");
  });

  test("is there before the droplet, which carries its tag", () => {
    expect(of("droplet").dependencies).toEqual(
      expect.arrayContaining([
        "atlas-host-firewall",
        "atlas-host-tag",
        "atlas-host-vpc",
        "atlas-host-ssh-key",
      ]),
    );
    expect(of("droplet").inputs.tags).toEqual(["atlas-prod"]);
    expect(of("firewall").dependencies).toEqual(["atlas-host-tag"]);
  });
});

describe("the droplet", () => {
  test("is what the configuration says", () => {
    expect(of("droplet").inputs).toMatchObject({
      name: "atlas-prod",
      region: "fra1",
      size: "s-2vcpu-4gb",
      image: "debian-13-x64",
      sshKeys: ["fi:ng:er"],
      monitoring: true,
      backups: true,
      backupPolicy: { plan: "weekly", weekday: "SUN", hour: 4 },
      resizeDisk: false,
      vpcUuid: "atlas-host-vpc-id",
    });
    expect(stacks.bare.named("atlas-host-droplet").inputs).toMatchObject({ backups: false });
    expect(stacks.bare.named("atlas-host-droplet").inputs).not.toHaveProperty("backupPolicy");
    expect(stacks.daily.named("atlas-host-droplet").inputs).toMatchObject({
      size: "s-4vcpu-8gb",
      backupPolicy: { plan: "daily", hour: 4 },
    });
  });

  test("is not made anew in passing, but on demand", () => {
    expect(of("droplet")).toMatchObject({
      ignoreChanges: ["userData", "image", "sshKeys"],
      deleteBeforeReplace: true,
      protect: false,
      retainOnDelete: false,
    });
    expect(stacks.replacing.named("atlas-host-droplet").ignoreChanges).toEqual([]);
  });

  test("is told the same on each run, whatever runs on it, and never too much", () => {
    const userData = (deployment: typeof plant) =>
      secretText(deployment.named("atlas-host-droplet").inputs.userData);
    expect(userData(plant)).toMatch(/^#cloud-config\n/);
    expect(Buffer.byteLength(userData(plant))).toBeLessThan(16 * 1024);
    for (const other of [stacks.again, stacks.changed, stacks.replacing, stacks.zone, stacks.daily])
      expect(userData(other)).toBe(userData(plant));
  });
});

describe("what must outlive a destroy", () => {
  test("volume, address and network are protected and kept", () => {
    const kept = plant.resources.filter(({ retainOnDelete }) => retainOnDelete);
    // Attachments end with the droplet, without being asked to.
    expect(kept.map(({ name }) => name).toSorted()).toEqual([
      "atlas-host-address",
      "atlas-host-address-assignment",
      "atlas-host-attachment",
      "atlas-host-data",
      "atlas-host-vpc",
    ]);
    const isSecret = ({ type }: Registered) => type.endsWith(":GeneratedSecret");
    const guarded = plant.resources.filter((resource) => resource.protect && !isSecret(resource));
    expect(guarded.map(({ name }) => name).toSorted()).toEqual([
      "atlas-host-address",
      "atlas-host-data",
      "atlas-host-vpc",
    ]);
    expect(plant.resources.filter(isSecret).every(({ protect }) => protect)).toBe(true);
  });

  test("the volume is a file system of its own, as large as asked for", () => {
    expect(of("data").inputs).toMatchObject({
      name: "atlas-prod-data",
      region: "fra1",
      size: 20,
      initialFilesystemType: "ext4",
    });
    expect(of("data").inputs).not.toHaveProperty("snapshotId");
    expect(stacks.daily.named("atlas-host-data").inputs.size).toBe(40);
  });
});

test("what hangs on the droplet goes with it, and comes back before anything else", () => {
  const hanging = plant.resources.filter(({ deletedWith }) => deletedWith !== "");
  expect(hanging.map(({ name, deletedWith }) => `${name} with ${deletedWith}`).toSorted()).toEqual([
    "atlas-host-machine with atlas-host-droplet",
    "atlas-host-release with atlas-host-droplet",
  ]);
  for (const name of ["attachment", "address-assignment"])
    expect(of(name)).toMatchObject({
      deleteBeforeReplace: true,
      retainOnDelete: true,
      inputs: { dropletId: 4711 },
    });
  // An address that is moved by its assignment must not be moved by itself as well.
  expect(of("address").ignoreChanges).toEqual(["dropletId"]);
});

describe("what must come first", () => {
  test("machine, release, bootstrap, checks", () => {
    expect(of("machine").dependencies).toEqual(
      expect.arrayContaining(["atlas-host-attachment", "atlas-host-data", "atlas-host-droplet"]),
    );
    expect(of("release").dependencies).toContain("atlas-host-machine");
    expect(plant.named("atlas-bootstrap").dependencies).toContain("atlas-host-release");
    expect(plant.named("atlas-smoke").dependencies).toEqual(
      expect.arrayContaining(["atlas-bootstrap", "atlas-host-address-assignment"]),
    );
    expect(plant.resources.at(-1)?.name).toBe("atlas-smoke");
  });

  test("the checks wait for the name, too, where it is ours to make", () => {
    expect(stacks.zone.named("atlas-smoke").dependencies).toContain("atlas-host-dns");
  });
});

describe("the name", () => {
  const record = ({ named }: typeof plant) => named("atlas-host-dns").inputs;

  test("is nobody's here without a zone", () => {
    expect(plant.ofType("digitalocean:index/dnsRecord:DnsRecord")).toEqual([]);
  });

  test("is written as its zone wants it, with the reserved address", () => {
    expect(record(stacks.zone)).toEqual({
      domain: "plant.example",
      type: "A",
      name: "atlas",
      value: "192.0.2.20",
      ttl: 300,
    });
    expect(record(stacks.apex).name).toBe("@");
    expect(record(stacks.deep).name).toBe("a.b");
  });
});

describe("a release", () => {
  test("goes to the machine whose key is pinned, by standard input alone", () => {
    const { inputs } = of("release");
    expect(inputs).toMatchObject({
      create: "bash -s",
      triggers: ["4711"],
      logging: "none",
      addPreviousOutputInEnv: false,
      stdin: { secret: expect.stringContaining("apply ") },
    });
    expect(connection().secret).toMatchObject({
      host: "192.0.2.10",
      user: "root",
      hostKey: expect.stringMatching(/^ssh-ed25519 AAAA[\w+/=]+$/),
    });
    expect(inputs).not.toHaveProperty("environment");
    expect(inputs).not.toHaveProperty("delete");
  });

  test("differs exactly when what runs does", () => {
    const sent = ({ named }: typeof plant) => secretText(named("atlas-host-release").inputs.stdin);
    expect(sent(stacks.again)).toBe(sent(plant));
    expect(sent(stacks.changed)).not.toBe(sent(plant));
  });
});

describe("secrets", () => {
  /** Texts below a value that are not inside a secret. */
  const inTheClear = (value: unknown): string[] => {
    if (typeof value === "string") return [value];
    if (Array.isArray(value)) return value.flatMap(inTheClear);
    if (typeof value !== "object" || value === null || "secret" in value) return [];
    return Object.values(value).flatMap(inTheClear);
  };

  test("are nowhere in the clear", () => {
    const leaks = plant.resources.flatMap(({ name, inputs }) =>
      inTheClear(inputs)
        .filter((text) => /PRIVATE KEY|made-for-.*-secret/.test(text))
        .map((text) => `${name}: ${text}`),
    );
    expect(leaks).toEqual([]);
  });

  test("the way to the engine is one of them, with the lasting host key", () => {
    for (const name of ["atlas-bootstrap", "atlas-smoke"]) {
      const engine = plant.named(name).inputs.engine as { secret: { hostKeys: string[]; address: string } };
      expect(engine.secret).toMatchObject({ address: "192.0.2.10", user: "root" });
      expect(engine.secret.hostKeys).toEqual([connection().secret.hostKey]);
    }
  });

  test("the key of the first boot is another than the lasting one, which is in no user data", () => {
    const { hostKey, deployKey } = of("machine").inputs;
    const userData = secretText(of("droplet").inputs.userData).replaceAll(/\s/g, "");
    for (const key of [hostKey, deployKey])
      expect(userData).not.toContain(secretText(key).replaceAll(/\s/g, "").slice(0, -40));
  });

  test("the host key is renewed by its counter", () => {
    for (const name of ["host-key", "first-host-key"])
      expect(stacks.renewed.named(`atlas-host-${name}`).inputs).toMatchObject({
        form: "ssh-ed25519",
        rotation: 3,
      });
    expect(stacks.renewed.named("atlas-host-deploy-key").inputs.rotation).toBe(0);
  });
});

describe("who is told when something is wrong", () => {
  test("the administrator, or the address that is given", () => {
    const addresses = ({ ofType }: typeof plant) =>
      ofType("digitalocean:index/monitorAlert:MonitorAlert").map(({ inputs }) => inputs.alerts);
    expect(addresses(plant)).toEqual([1, 2, 3].map(() => ({ emails: ["admin@plant.example"] })));
    expect(addresses(stacks.bare)).toEqual([1, 2, 3].map(() => ({ emails: ["ops@plant.example"] })));
  });

  test("by a look at the address from outside", () => {
    expect(of("uptime").inputs).toMatchObject({
      target: "https://atlas.plant.example/api/health-check",
      type: "https",
    });
    expect(stacks.plain.named("atlas-host-uptime").inputs).toMatchObject({
      target: "http://atlas.plant.example/api/health-check",
      type: "http",
    });
  });
});

test("the checks know where the name must lead", () => {
  expect(plant.named("atlas-smoke").inputs).toMatchObject({
    url: "https://atlas.plant.example",
    publicAddress: { address: "192.0.2.20", root: "" },
    containerIds: expect.arrayContaining(["4711", "s-2vcpu-4gb", "release 1 runs"]),
  });
});

test("the door is opened by the bootstrap, for every later start", () => {
  expect(plant.named("atlas-bootstrap").inputs.openDoor).toBe(
    "echo COMPOSE_PROFILES=public > /var/lib/atlas/door.env && cd /var/lib/atlas/releases/current && docker compose --project-directory /var/lib/atlas/releases/current up --detach --no-recreate ingress",
  );
  expect(plant.named("atlas-bootstrap").inputs.databaseId).toBe("atlas-host-data-id");
});
