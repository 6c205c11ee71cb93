// The proxy of a droplet with a name of its own.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { wordsForPlainHttp } from "../../../components/config-schema-droplet.ts";
import { servicesOf } from "./deployment-services.ts";

const droplet = { host: "droplet", sshFrom: '["203.0.113.7/32"]' };
const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const ingressOf = (values: Record<string, string> = {}) =>
  servicesOf({ ...droplet, domain: "atlas.plant.example", ...values }).ingress;
const caddyfileOf = (values: Record<string, string> = {}) =>
  ingressOf(values).files.find((file) => file.path === "/etc/caddy/Caddyfile")?.content ?? "";

const programs = path.join(
  process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache"),
  "atlas-cmms-pulumi/go",
);
const caddy = existsSync(programs)
  ? readdirSync(programs)
      .filter((name) => /^caddy-[0-9a-f]+$/.test(name))
      .map((name) => path.join(programs, name))[0]
  : undefined;

test("http, https and its third version are published to everybody", () => {
  expect(ingressOf().ports).toEqual([
    { address: "0.0.0.0", published: 80, target: 80 },
    { address: "0.0.0.0", published: 443, target: 443 },
    { address: "0.0.0.0", published: 443, target: 443, protocol: "udp" },
  ]);
});

test("certificates are kept on the volume", () => {
  expect(ingressOf().volumes).toEqual([{ name: "certificates", path: "/data" }]);
});

describe("the Caddyfile", () => {
  test("serves the name, with a certificate of its own accord", () => {
    const text = caddyfileOf();
    expect(text).toContain("\natlas.plant.example {\n\theader Strict-Transport-Security");
    expect(text).not.toContain("auto_https");
    expect(text).not.toContain("acme_ca");
  });

  test("tells browsers to come back by https for a year", () => {
    expect(caddyfileOf()).toContain('header Strict-Transport-Security "max-age=31536000"\n');
  });

  test("asks another authority, whose root lies beside it", () => {
    const own = { acmeDirectory: "https://ca.plant.example/dir", acmeRoot: certificate };
    expect(caddyfileOf(own)).toContain(
      "\tacme_ca https://ca.plant.example/dir\n\tacme_ca_root /etc/caddy/acme-root.pem\n",
    );
    expect(ingressOf(own).files[1]).toEqual({ path: "/etc/caddy/acme-root.pem", content: certificate });
  });

  test("names no root where the machine knows the authority", () => {
    const own = { acmeDirectory: "https://ca.plant.example/dir" };
    expect(caddyfileOf(own)).not.toContain("acme_ca_root");
    expect(ingressOf(own).files).toHaveLength(1);
  });

  test("closes the same paths as everywhere, before anything is passed on", () => {
    const text = caddyfileOf();
    expect(text).toContain("@closed path /api/demo* /api/swagger-ui*");
    expect(text.indexOf("respond @closed 404")).toBeLessThan(text.indexOf("reverse_proxy"));
  });

  test.skipIf(!caddy).each<[string, Record<string, string>]>([
    ["as it is", {}],
    ["without files", { storage: "false" }],
    [
      "without HTTPS",
      { domain: "", withoutHttps: wordsForPlainHttp, publicUrl: "http://atlas.plant.example" },
    ],
    ["with another authority", { acmeDirectory: "https://ca.plant.example/dir" }],
  ])("is one that Caddy takes, %s", (_, values) => {
    const read = execFileSync(caddy ?? "", ["adapt", "--config", "-", "--adapter", "caddyfile"], {
      input: caddyfileOf(values),
      encoding: "utf8",
      stdio: ["pipe", "pipe", "ignore"],
    });
    const { apps } = JSON.parse(read) as {
      apps: { http: { servers: Record<string, { listen: string[] }> } };
    };
    const listening = Object.values(apps.http.servers).flatMap(({ listen }) => listen);
    expect(listening).toContain(values.domain === "" ? ":8080" : ":443");
    expect(read).not.toContain("trusted_proxies");
  });
});

test("without HTTPS the door is the plain one, to everybody, and nothing is kept", () => {
  const plain = ingressOf({
    domain: "",
    withoutHttps: wordsForPlainHttp,
    publicUrl: "http://atlas.plant.example:8081",
  });
  expect(plain.ports).toEqual([{ address: "0.0.0.0", published: 8081, target: 8080 }]);
  expect(plain.volumes).toEqual([]);
});
