// What a deployment on a droplet asks of its configuration.
import { describe, expect, test } from "vitest";
import { wordsForPlainHttp } from "../../../components/config-schema-droplet.ts";
import { configured, faultsOf, json, refused } from "./configuration.ts";

const sshFrom = json(["203.0.113.7/32"]);
const needed = { host: "droplet", domain: "atlas.plant.example", sshFrom };
const plainHttp = { host: "droplet", sshFrom, withoutHttps: wordsForPlainHttp };
const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

describe("a droplet", () => {
  test("needs its name and who may use ssh; all else has a default", () => {
    const { droplet, publicUrl } = configured(needed, { stack: "prod" });
    expect(publicUrl.href).toBe("https://atlas.plant.example/");
    expect(droplet).toEqual({
      region: "fra1",
      size: "s-2vcpu-4gb",
      image: "debian-13-x64",
      volumeSize: 20,
      backups: "weekly",
      backupsWaiver: "",
      sshFrom: ["203.0.113.7/32"],
      dnsZone: "",
      alertEmail: "admin@plant.example",
      acme: { directory: "", root: "" },
      replace: false,
    });
  });

  test("takes every key", () => {
    const { droplet } = configured({
      ...needed,
      dnsZone: "Plant.Example",
      region: "ams3",
      dropletSize: "s-4vcpu-8gb",
      dropletImage: "1234567",
      volumeSize: "16384",
      backups: "daily",
      backupsWaiver: "the volume is copied elsewhere",
      alertEmail: "ops@plant.example",
      acmeDirectory: "https://ca.plant.example/directory",
      acmeRoot: pem,
      replaceDroplet: "true",
      sshFrom: json(["203.0.113.0/24", "2001:db8::/48"]),
    });
    expect(droplet).toEqual({
      region: "ams3",
      size: "s-4vcpu-8gb",
      image: "1234567",
      volumeSize: 16_384,
      backups: "daily",
      backupsWaiver: "the volume is copied elsewhere",
      sshFrom: ["203.0.113.0/24", "2001:db8::/48"],
      dnsZone: "plant.example",
      alertEmail: "ops@plant.example",
      acme: { directory: "https://ca.plant.example/directory", root: pem },
      replace: true,
    });
  });

  test("runs without HTTPS for who says so in words and names the address", () => {
    const { publicUrl, droplet } = configured({ ...plainHttp, publicUrl: "http://atlas.plant.example" });
    expect(publicUrl.origin).toBe("http://atlas.plant.example");
    expect(droplet).toBeDefined();
  });

  test("is none on local Docker", () => {
    expect(configured().droplet).toBeUndefined();
  });

  test("publishes nothing on the port of local Docker's door", () => {
    expect(configured({ ...needed, postgresPort: "8080" }).postgresPort).toBe(8080);
  });
});

describe("one fault", () => {
  const one = (key: string, value: string, reason: RegExp, mend: string) => ({
    key: `atlas:${key}`,
    value,
    reason: expect.stringMatching(reason),
    mend: `pulumi config ${mend}`,
  });
  const setSshFrom = (index = 0) => `set --path 'atlas:sshFrom[${index}]' `;

  test.each([
    [
      "no name",
      { host: "droplet", sshFrom },
      one(
        "domain",
        "(not set)",
        /set atlas:withoutHttps "passwords cross the/,
        "set atlas:domain atlas.plant.example",
      ),
    ],
    [
      "nobody may use ssh",
      { host: "droplet", domain: "atlas.plant.example" },
      one("sshFrom", "(not set)", /names no network/, `${setSshFrom()}YOUR-ADDRESS/32`),
    ],
    [
      "the world may use ssh",
      { ...needed, sshFrom: json(["203.0.113.7/32", "0.0.0.0/0"]) },
      one("sshFrom.1", "0.0.0.0/0", /whole world/, `${setSshFrom(1)}203.0.113.7/32`),
    ],
    [
      "the world by IPv6",
      { ...needed, sshFrom: json(["::/0"]) },
      one("sshFrom.0", "::/0", /whole world/, `${setSshFrom()}203.0.113.7/32`),
    ],
    [
      "an address that is no network",
      { ...needed, sshFrom: json(["203.0.113.7"]) },
      one("sshFrom.0", "203.0.113.7", /must be a network such as/, `${setSshFrom()}203.0.113.7/32`),
    ],
    [
      "a text instead of a list",
      { ...needed, sshFrom: "203.0.113.7/32" },
      one("sshFrom", "203.0.113.7/32", /must be a list: set single entries with --path/, "rm atlas:sshFrom"),
    ],
    [
      "an object instead of a list",
      { ...needed, sshFrom: json({ a: "203.0.113.7/32" }) },
      one("sshFrom", '{"a":"203.0.113.7/32"}', /must be a list/, "rm atlas:sshFrom"),
    ],
    [
      "other words",
      { ...plainHttp, publicUrl: "http://atlas.plant.example", withoutHttps: "yes" },
      one("withoutHttps", "yes", /be these words: passwords cross/, "set atlas:withoutHttps ''"),
    ],
    [
      "the words, but no address",
      plainHttp,
      one(
        "publicUrl",
        "(not set)",
        /name that leads to the droplet/,
        "set atlas:publicUrl http://atlas.plant.example",
      ),
    ],
    [
      "the words and this machine's name",
      { ...plainHttp, publicUrl: "http://localhost" },
      one(
        "publicUrl",
        "http://localhost",
        /name that leads/,
        "set atlas:publicUrl http://atlas.plant.example",
      ),
    ],
    [
      "the words and a domain",
      { ...needed, withoutHttps: wordsForPlainHttp },
      one("withoutHttps", wordsForPlainHttp, /contradicts atlas:domain/, "rm atlas:withoutHttps"),
    ],
    [
      "a domain and an address",
      { ...needed, publicUrl: "http://atlas.plant.example" },
      one(
        "publicUrl",
        "http://atlas.plant.example",
        /follows from atlas:domain: https/,
        "rm atlas:publicUrl",
      ),
    ],
    [
      "a zone that ends alike",
      { ...needed, dnsZone: "ant.example" },
      one(
        "dnsZone",
        "ant.example",
        /does not contain atlas:domain atlas\.plant\.example/,
        "rm atlas:dnsZone",
      ),
    ],
    [
      "a root without its authority",
      { ...needed, acmeRoot: pem },
      one("acmeRoot", "(a certificate)", /atlas:acmeDirectory names/, "rm atlas:acmeRoot"),
    ],
    [
      "PostgreSQL on the port of https",
      { ...needed, postgresPort: "443" },
      one("postgresPort", "443", /port of atlas:domain/, "set atlas:postgresPort 5433"),
    ],
    [
      "PostgreSQL on the port of the redirect",
      { ...needed, postgresPort: "80" },
      one("postgresPort", "80", /port of atlas:domain/, "set atlas:postgresPort 5433"),
    ],
    [
      "a scheme",
      { ...needed, domain: "https://atlas.plant.example" },
      expect.objectContaining({ key: "atlas:domain" }),
    ],
    [
      "a bare address",
      { ...needed, domain: "203.0.113.7" },
      expect.objectContaining({ key: "atlas:domain" }),
    ],
    ["a short name", { ...needed, domain: "atlas" }, expect.objectContaining({ key: "atlas:domain" })],
    [
      "a volume of nothing",
      { ...needed, volumeSize: "0" },
      one("volumeSize", "0", /at least 1/, "set atlas:volumeSize 20"),
    ],
    [
      "a region in words",
      { ...needed, region: "Frankfurt 1" },
      one("region", "Frankfurt 1", /region of/, "set atlas:region fra1"),
    ],
    [
      "a waiver that says nothing",
      { ...needed, backupsWaiver: "because" },
      one(
        "backupsWaiver",
        "because",
        /in a few words/,
        "set atlas:backupsWaiver 'the volume is copied elsewhere every night'",
      ),
    ],
    [
      "backups each hour",
      { ...needed, backups: "hourly" },
      one("backups", "hourly", /off, weekly or daily/, "set atlas:backups weekly"),
    ],
    [
      "an authority by http",
      { ...needed, acmeDirectory: "http://ca.example/dir" },
      expect.objectContaining({ key: "atlas:acmeDirectory", reason: expect.stringMatching(/https/) }),
    ],
    [
      "a root that is none",
      { ...needed, acmeRoot: "MIIB" },
      expect.objectContaining({ key: "atlas:acmeRoot" }),
    ],
  ])("%s", (_, values, expected) => {
    expect(faultsOf(values)).toEqual([expected]);
  });
});

describe("local Docker", () => {
  test.each([
    ["domain", "atlas.plant.example"],
    ["sshFrom", sshFrom],
    ["region", "ams3"],
    ["volumeSize", "30"],
    ["backups", "off"],
    ["backupsWaiver", "no data of ours"],
    ["replaceDroplet", "true"],
    ["acmeRoot", pem],
  ])("has no use for %s", (key, value) => {
    expect(faultsOf({ [key]: value })).toEqual([
      expect.objectContaining({
        key: `atlas:${key}`,
        reason: "needs atlas:host droplet",
        mend: `pulumi config rm atlas:${key}`,
      }),
    ]);
  });

  test("takes a value that is the default anyway", () => {
    expect(configured({ region: "fra1", volumeSize: "20", sshFrom: "[]" }).droplet).toBeUndefined();
  });
});

test("a value that is stored encrypted is not shown, whatever is wrong with it", () => {
  const { faults, message } = refused({ domain: "canary.plant.example" }, ["domain"]);
  expect(faults).toEqual([expect.objectContaining({ key: "atlas:domain", value: "[secret]" })]);
  expect(message).not.toContain("canary");
});

test("all faults of a droplet are named at once", () => {
  const keys = faultsOf({ host: "droplet", dnsZone: "plant.example", acmeRoot: pem }).map(({ key }) => key);
  expect(keys).toEqual(["atlas:sshFrom", "atlas:domain", "atlas:dnsZone", "atlas:acmeRoot"]);
});
