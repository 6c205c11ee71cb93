import { describe, expect, test } from "vitest";
import { composeDocument, type ResolvedService } from "../../../components/hosts/compose.ts";
import type { Service } from "../../../components/services/service.ts";
import { secrets, servicesOf } from "./deployment-services.ts";

const namePrefix = "atlas-dev";

/** The document of a whole deployment; its secrets are plain strings. */
function documentOf(values: Record<string, string> = {}) {
  const services = Object.values(servicesOf(values)).filter((service): service is Service => !!service);
  return composeDocument(services as ResolvedService[], { namePrefix });
}

/** The document's only service, made from a small one with these differences. */
function rendered(differences: Partial<ResolvedService>) {
  const service: ResolvedService = {
    name: "frontend",
    image: "front:1",
    env: {},
    files: [],
    volumes: [],
    ports: [],
    networks: ["web"],
    hosts: [],
    memoryMiB: 64,
    capabilities: [],
    healthcheck: {
      shell: "true",
      intervalSeconds: 15,
      timeoutSeconds: 5,
      retries: 3,
      startPeriodSeconds: 90,
    },
    stop: { signal: "SIGQUIT", graceSeconds: 75 },
    ...differences,
  };
  const document = composeDocument([service], { namePrefix });
  return { document, service: document.services.frontend };
}

describe("a service", () => {
  test("keeps to the policy of every container", () => {
    expect(rendered({ capabilities: ["CAP_CHOWN"] }).service).toEqual({
      container_name: "atlas-dev-frontend",
      image: "front:1",
      environment: {},
      configs: [],
      volumes: [],
      ports: [],
      networks: { web: { aliases: ["frontend"] } },
      extra_hosts: {},
      mem_limit: "64m",
      memswap_limit: "64m",
      cap_drop: ["ALL"],
      cap_add: ["CAP_CHOWN"],
      security_opt: ["no-new-privileges:true"],
      healthcheck: {
        test: ["CMD-SHELL", "true"],
        interval: "15s",
        timeout: "5s",
        start_period: "90s",
        retries: 3,
      },
      logging: { driver: "json-file", options: { "max-size": "10m", "max-file": "3" } },
      restart: "unless-stopped",
      stop_signal: "SIGQUIT",
      stop_grace_period: "75s",
    });
  });

  test("carries entry point, command and user where it has them", () => {
    const own = { entrypoint: ["sh", "-c", "run"], command: ["now"], user: "postgres" };
    expect(rendered(own).service).toMatchObject(own);
  });

  test("is published on one address only", () => {
    const ports = [{ address: "127.0.0.1", published: 5433, target: 5432 }];
    expect(rendered({ ports }).service?.ports).toEqual([
      { target: 5432, published: "5433", host_ip: "127.0.0.1", protocol: "tcp" },
    ]);
  });

  test("resolves names by itself", () => {
    const hosts = [{ name: "cmms.plant.example", address: "127.0.0.1" }];
    expect(rendered({ hosts }).service?.extra_hosts).toEqual({ "cmms.plant.example": "127.0.0.1" });
  });

  test("keeps data in a volume with the deployment's name", () => {
    const { document, service } = rendered({ volumes: [{ name: "storage", path: "/data" }] });
    expect(service?.volumes).toEqual([{ type: "volume", source: "storage", target: "/data" }]);
    expect(document.volumes).toEqual({ storage: { name: "atlas-dev-storage" } });
  });
});

describe("files", () => {
  const fileOf = (content: string) => rendered({ files: [{ path: "/etc/a.conf", content }] });

  test("are configs with content", () => {
    const { document, service } = fileOf("one");
    const [source = ""] = Object.keys(document.configs);
    expect(document.configs).toEqual({ [source]: { content: "one" } });
    expect(service?.configs).toEqual([{ source, target: "/etc/a.conf" }]);
  });

  test("make the container anew when their content changes", () => {
    expect(fileOf("one").service).toEqual(fileOf("one").service);
    expect(fileOf("one").service).not.toEqual(fileOf("two").service);
  });
});

test("a dollar sign means itself, wherever it stands", () => {
  const { document, service } = rendered({
    entrypoint: ["sh", "-c", "exec $JAVA $(date)"],
    env: { PASSWORD: "pa$$word$" },
    files: [{ path: "/a", content: "$X" }],
    healthcheck: {
      shell: 'test "$A"',
      intervalSeconds: 1,
      timeoutSeconds: 1,
      retries: 1,
      startPeriodSeconds: 1,
    },
  });
  expect(service?.entrypoint?.[2]).toBe("exec $$JAVA $$(date)");
  expect(service?.environment.PASSWORD).toBe("pa$$$$word$$");
  expect(service?.healthcheck.test[1]).toBe('test "$$A"');
  expect(Object.values(document.configs)).toEqual([{ content: "$$X" }]);
});

describe("a deployment", () => {
  test("is all its services on its own two networks", () => {
    const document = documentOf();
    expect(document.name).toBe("atlas-dev");
    expect(Object.keys(document.services).toSorted()).toEqual([
      "backend",
      "frontend",
      "ingress",
      "postgres",
      "storage",
    ]);
    expect(document.networks).toEqual({ data: { name: "atlas-dev-data" }, web: { name: "atlas-dev-web" } });
    expect(document.volumes).toEqual({
      postgres: { name: "atlas-dev-postgres" },
      storage: { name: "atlas-dev-storage" },
    });
  });

  test("holds the secrets that it was given, and the backend on both networks", () => {
    const { backend } = documentOf().services;
    expect(backend?.environment.DB_PWD).toBe(secrets.databasePassword);
    expect(Object.keys(backend?.networks ?? {})).toEqual(["web", "data"]);
  });

  test("does without the object store where that is off", () => {
    const document = documentOf({ storage: "false" });
    expect(document.services.storage).toBeUndefined();
    expect(Object.keys(document.volumes)).toEqual(["postgres"]);
  });
});
