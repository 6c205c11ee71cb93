// The whole deployment as it is registered with the engine, under Pulumi's mocks.
import { describe, expect, test } from "vitest";
import { type Deployment, deployEach, type Registered } from "./deployed.ts";

const mail = { ENABLE_EMAIL_NOTIFICATIONS: "true", SMTP_HOST: "mail.plant.example", SMTP_PORT: "587" };
const stacks = await deployEach({
  dev: {},
  again: {},
  other: {
    name: "second",
    config: {
      "atlas:namePrefix": "other",
      "atlas:publicUrl": "http://localhost:8081",
      "atlas:postgresPort": "5434",
    },
  },
  open: { config: { "atlas:publicUrl": "http://cmms.plant.example" } },
  closed: { config: { "atlas:postgresPort": "0", "atlas:storage": "false" } },
  changed: { config: { "atlas:backendEnv": '{"A":"b"}' } },
  always: { config: { "atlas:smoke": "always" } },
  alwaysAgain: { config: { "atlas:smoke": "always" } },
  mail: { config: { "atlas:backendEnv": JSON.stringify(mail), "docker:host": "unix:///other.sock" } },
});
const { dev } = stacks;

const container = "docker:index/container:Container";
const network = "docker:index/network:Network";
const volume = "docker:index/volume:Volume";
const secret = "pulumi-nodejs:dynamic/atlas:GeneratedSecret";
const containers = () => dev.ofType(container);
const serviceNames = ["backend", "frontend", "ingress", "postgres", "storage"];

test("which resources there are, and whose children they are", () => {
  const tree = dev.resources.map(
    ({ type, name, parent }) => `${type.split(/[:/]/).at(-1)} ${parent}/${name}`,
  );
  expect(tree.toSorted()).toEqual(
    [
      "AtlasDeployment /atlas",
      "DockerHost atlas/atlas-host",
      ...["admin", "database", "jwt", "storage", "super-admin"].map(
        (n) => `GeneratedSecret atlas/atlas-${n}-secret`,
      ),
      "GeneratedSecret atlas/atlas-backup-key",
      "GeneratedSecret atlas/atlas-deployment-id",
      ...["data", "web"].map((n) => `Network atlas-host/atlas-host-${n}`),
      ...["postgres", "storage"].map((n) => `Volume atlas-host/atlas-host-${n}-data`),
      ...serviceNames.flatMap((n) => [
        `RemoteImage atlas-host/atlas-host-${n}-image`,
        `Container atlas-host/atlas-host-${n}`,
      ]),
      "Bootstrap atlas/atlas-bootstrap",
      "Operations atlas/atlas-operations",
      "Smoke atlas/atlas-smoke",
      "Upgrade atlas/atlas-upgrade",
    ].toSorted(),
  );
});

test("the components' types are those that people see", () => {
  expect(dev.resources.filter(({ custom }) => !custom).map(({ type }) => type)).toEqual([
    "atlas:index:AtlasDeployment",
    "atlas:hosts:DockerHost",
  ]);
});

describe("names in the engine are fixed", () => {
  test.each([
    [container, serviceNames.map((name) => `atlas-dev-${name}`)],
    [network, ["atlas-dev-data", "atlas-dev-web"]],
    [volume, ["atlas-dev-postgres", "atlas-dev-storage"]],
  ])("%s", (type, names) => {
    expect(
      dev
        .ofType(type)
        .map(({ inputs }) => inputs.name)
        .toSorted(),
    ).toEqual(names);
  });

  test("so that the old one goes before the new one comes", () => {
    for (const { name, deleteBeforeReplace } of [...containers(), ...dev.ofType(network)])
      expect({ name, deleteBeforeReplace }).toEqual({ name, deleteBeforeReplace: true });
  });

  test("two deployments share no name, neither among containers nor among resources", () => {
    const { other } = stacks;
    const namesOf = ({ resources }: Deployment) => [
      ...resources.map(({ name }) => name),
      ...resources
        .filter(({ type }) => !type.endsWith("RemoteImage"))
        .flatMap(({ inputs }) => inputs.name ?? []),
      ...resources.flatMap(portsOf).map(({ ip, external }) => `${ip}:${external}`),
    ];
    expect(namesOf(dev)).toHaveLength(namesOf(other).length);
    expect(namesOf(dev).filter((name) => namesOf(other).includes(name))).toEqual([]);
    // Not even what the smoke checks and the bootstrap look at.
    for (const kind of ["bootstrap", "smoke"])
      expect(JSON.stringify(other.named(`second-${kind}`).inputs)).not.toMatch(
        /atlas-dev-|localhost:8080|5433/,
      );
  });
});

describe("every container", () => {
  const each = (check: (resource: Registered) => void) => {
    expect(containers()).toHaveLength(5);
    for (const resource of containers()) check(resource);
  };

  test("has a limit that no swap softens", () => {
    each(({ inputs }) => {
      expect(inputs.memory).toBeTypeOf("number");
      expect(inputs.memorySwap).toBe(inputs.memory);
    });
  });

  test("drops every capability and keeps only some, in the form that gives no difference later", () => {
    const kept: unknown[] = [];
    each(({ inputs }) => {
      const { drops, adds = [] } = inputs.capabilities as { drops: unknown[]; adds?: unknown[] };
      expect(drops).toEqual(["ALL"]);
      kept.push(...adds);
      expect(inputs.securityOpts).toEqual(["no-new-privileges:true"]);
      expect(inputs).not.toHaveProperty("privileged");
    });
    expect(kept).not.toEqual([]);
    for (const capability of kept) expect(capability).toMatch(/^CAP_[A-Z_]+$/);
  });

  test("starts again by itself, stops cleanly and keeps a short log", () => {
    each(({ inputs }) => {
      expect(inputs).toMatchObject({
        restart: "unless-stopped",
        stopSignal: expect.stringMatching(/^SIG(TERM|INT|QUIT)$/),
        logDriver: "json-file",
        logOpts: { "max-size": "10m", "max-file": "3" },
      });
      expect(inputs.stopTimeout).toBeGreaterThanOrEqual(15);
      expect(inputs.destroyGraceSeconds).toBe(inputs.stopTimeout);
    });
  });

  test("is made of an image that was pulled before, and carries its reference", () => {
    each(({ name, inputs, dependencies }) => {
      expect(inputs.image).toBe(`sha256:${name}-image`);
      expect(dependencies).toContain(`${name}-image`);
      expect(dev.named(`${name}-image`).inputs).toEqual({
        name: labelsOf(inputs)["org.atlas-cmms.image"],
        keepLocally: true,
      });
    });
  });

  test("has a probe with durations as the engine gives them back", () => {
    each(({ inputs }) => {
      expect(inputs.healthcheck).toEqual({
        tests: ["CMD-SHELL", expect.any(String)],
        interval: expect.stringMatching(/^\d+s$/),
        timeout: expect.stringMatching(/^\d+s$/),
        startPeriod: expect.stringMatching(/^(\d+m)?\d+s$/),
        retries: expect.any(Number),
      });
    });
  });

  test("is known on its networks by its service's name", () => {
    each(({ name, inputs }) => {
      const attached = inputs.networksAdvanced as { name: string; aliases: string[] }[];
      expect(attached.length).toBeGreaterThan(0);
      for (const { aliases } of attached) expect(aliases).toEqual([name.replace("atlas-host-", "")]);
    });
  });

  test("carries the deployment's mark, in the clear: it is a name, not a secret", () => {
    each(({ inputs }) => {
      expect(labelsOf(inputs)["org.atlas-cmms.deployment"]).toBe("made-for-atlas-deployment-id");
    });
  });
});

test("no image is the latest of anything", () => {
  const images = dev.ofType("docker:index/remoteImage:RemoteImage").map(({ inputs }) => inputs.name);
  expect(images).toHaveLength(5);
  for (const image of images) expect(image).toMatch(/:[^/:]*\d[^/:]*$/);
  expect(JSON.stringify(dev.resources)).not.toMatch(/:latest/);
});

describe("what is published", () => {
  const published = (deployment: Deployment) =>
    deployment
      .ofType(container)
      .flatMap((resource) => portsOf(resource).map((port) => ({ name: resource.name, ...port })));
  const door = {
    name: "atlas-host-ingress",
    internal: 8080,
    external: 8080,
    ip: "127.0.0.1",
    protocol: "tcp",
  };
  const database = {
    name: "atlas-host-postgres",
    internal: 5432,
    external: 5433,
    ip: "127.0.0.1",
    protocol: "tcp",
  };

  test("by default only to this machine: the proxy and PostgreSQL", () => {
    expect(published(dev).toSorted((a, b) => a.external - b.external)).toEqual([database, door]);
  });

  test("with a public name the proxy to everybody, PostgreSQL still to this machine", () => {
    const { open } = stacks;
    expect(published(open).toSorted((a, b) => b.external - a.external)).toEqual([
      database,
      { ...door, external: 80, ip: "0.0.0.0" },
    ]);
    expect(open.named("atlas-host-backend").inputs.hosts).toEqual([
      { host: "cmms.plant.example", ip: "127.0.0.1" },
    ]);
  });

  test("PostgreSQL nowhere at port 0", () => {
    const { closed } = stacks;
    expect(published(closed)).toEqual([door]);
    expect(closed.named("atlas-smoke").inputs.postgresPort).toBe(0);
    // And without an object store there is nothing of it.
    expect(closed.ofType(volume).map(({ inputs }) => inputs.name)).toEqual(["atlas-dev-postgres"]);
    expect(closed.ofType(container).map(({ name }) => name)).not.toContain("atlas-host-storage");
    expect(closed.named("atlas-smoke").inputs.containers).not.toHaveProperty("storage");
  });
});

describe("what must come first", () => {
  const dependenciesOf = (name: string) => dev.named(name).dependencies;

  test("the public door opens only after the bootstrap", () => {
    expect(dependenciesOf("atlas-host-ingress")).toEqual(
      expect.arrayContaining(["atlas-bootstrap", "atlas-host-frontend"]),
    );
  });

  test("the bootstrap needs the backend, its database and the object store", () => {
    expect(dependenciesOf("atlas-bootstrap")).toEqual(
      expect.arrayContaining(["atlas-host-backend", "atlas-host-postgres", "atlas-host-storage"]),
    );
  });

  test("the smoke checks come after everything", () => {
    expect(dependenciesOf("atlas-smoke")).toEqual(
      expect.arrayContaining(["atlas-bootstrap", ...serviceNames.map((name) => `atlas-host-${name}`)]),
    );
  });

  test("nothing but the bootstrap and the checks waits for the backend: it takes a minute", () => {
    const waiting = dev.resources.filter(({ dependencies }) => dependencies.includes("atlas-host-backend"));
    expect(waiting.map(({ name }) => name)).toEqual(["atlas-bootstrap", "atlas-smoke"]);
  });

  test("the backend does not wait for PostgreSQL here, but by itself", () => {
    expect(dependenciesOf("atlas-host-backend")).not.toContain("atlas-host-postgres");
  });
});

test("volumes and secrets are protected, and nothing else is", () => {
  const protectedOnes = dev.resources.filter(({ protect }) => protect);
  expect(protectedOnes).toEqual(
    [...dev.ofType(volume), ...dev.ofType(secret)].toSorted(byOrderIn(dev.resources)),
  );
  expect(protectedOnes).toHaveLength(9);
});

describe("the smoke checks run again", () => {
  const smokeOf = ({ named }: Deployment) => named("atlas-smoke").inputs;

  test("exactly when something changed", () => {
    expect(smokeOf(stacks.again)).toEqual(smokeOf(dev));
    expect(smokeOf(stacks.changed).revision).not.toBe(smokeOf(dev).revision);
    expect(smokeOf(dev).containerIds).toEqual(
      expect.arrayContaining(serviceNames.map((name) => `atlas-host-${name}-id`)),
    );
  });

  test("or always", () => {
    expect(smokeOf(stacks.always).nonce).toEqual(expect.any(String));
    expect(smokeOf(stacks.always).nonce).not.toBe(smokeOf(stacks.alwaysAgain).nonce);
  });
});

test("the checks know the mail server when Atlas depends on one", () => {
  const { named } = stacks.mail;
  expect(named("atlas-smoke").inputs).toMatchObject({
    mailServer: "mail.plant.example:587",
    engine: "unix:///other.sock",
  });
  expect(named("atlas-bootstrap").inputs.engine).toBe("unix:///other.sock");
  expect(dev.named("atlas-smoke").inputs).not.toHaveProperty("mailServer");
});

test("what a person gets", () => {
  const services = [{ name: "backend", container: "c", image: "i", health: "healthy" }];
  expect(dev.outputs).toEqual({
    url: "http://localhost:8080",
    apiUrl: "http://localhost:8080/api",
    adminEmail: "admin@plant.example",
    adminPassword: "made-for-atlas-admin-secret",
    adminPasswordIsSecret: true,
    services,
    smoke: { passed: 1, services },
  });
});

interface Port {
  internal: number;
  external: number;
  ip: string;
}
const portsOf = ({ inputs }: Registered) => (inputs.ports ?? []) as Port[];
const labelsOf = (inputs: Registered["inputs"]) =>
  Object.fromEntries(
    (inputs.labels as { label: string; value: unknown }[]).map(({ label, value }) => [label, value]),
  );
const byOrderIn = (list: Registered[]) => (a: Registered, b: Registered) => list.indexOf(a) - list.indexOf(b);
