import * as pulumi from "@pulumi/pulumi";
import { Bootstrap } from "./bootstrap/bootstrap.ts";
import type { AtlasConfig } from "./config.ts";
import { DockerHost, revisionOf } from "./hosts/docker-host.ts";
import { DropletHost } from "./hosts/droplet/droplet-host.ts";
import { type Host, listed } from "./hosts/host.ts";
import { mailServerOf } from "./mail-server.ts";
import { bundleDigest } from "./operations/bundle.ts";
import { unfinishedUpgrade } from "./operations/here.ts";
import { Operations } from "./operations/operations.ts";
import { settingsOf } from "./operations/settings.ts";
import { secretValues } from "./secrets/hide.ts";
import { generateSecrets } from "./secrets/secrets.ts";
import type { Service } from "./services/service.ts";
import { type Services, servicesFor } from "./services/services.ts";
import type { ServiceHealth, SmokeReport } from "./smoke/report.ts";
import { Smoke } from "./smoke/smoke.ts";
import { Upgrade } from "./upgrade/upgrade.ts";

/** Atlas, from configuration to a deployment that is set up and proven to work. */
export class AtlasDeployment extends pulumi.ComponentResource {
  readonly url: string;
  readonly apiUrl: string;
  /** Where the public name must lead; undefined where the deployment has no address of its own. */
  readonly address: pulumi.Output<string> | undefined;
  readonly adminEmail: string;
  readonly adminPassword: pulumi.Output<string>;
  /** An age identity: what is kept outside of the machine can be read with it alone. */
  readonly backupKey: pulumi.Output<string>;
  /** Name, container, image and health of each service, as the last smoke run saw them. */
  readonly services: pulumi.Output<ServiceHealth[]>;
  readonly smoke: pulumi.Output<SmokeReport>;

  constructor(name: string, config: AtlasConfig, opts?: pulumi.ComponentResourceOptions) {
    super("atlas:index:AtlasDeployment", name, {}, opts);
    this.url = config.publicUrl.origin;
    this.apiUrl = `${this.url}/api`;
    this.adminEmail = config.adminEmail;

    const secrets = generateSecrets(name, config, { parent: this });
    this.adminPassword = config.adminPassword ? pulumi.secret(config.adminPassword) : secrets.admin;
    const services = servicesFor(
      config,
      { databasePassword: secrets.database, storagePassword: secrets.storage, jwtKey: secrets.jwt },
      {
        backend: environment(config.backendEnv, config.secretEnv.backend),
        frontend: environment(config.frontendEnv, config.secretEnv.frontend),
      },
    );

    const hide = secretValues(listed(services));
    const host = this.host(name, config, secrets.deploymentId);
    this.address = host.publicAddress && pulumi.output(host.publicAddress.address);
    this.backupKey = config.backupKey ? pulumi.secret(config.backupKey) : secrets.backup;
    const settings = settingsOf(config, { stack: pulumi.getStack(), backupKey: this.backupKey });
    const images = eachService(services, ({ image }) => image);
    const running = host.run(services, {
      upgrade: (dependsOn) =>
        new Upgrade(
          `${name}-upgrade`,
          { settings, engine: host.engine, images, unfinished: unfinishedUpgrade(config) },
          { parent: this, dependsOn },
        ),
      bootstrap: ({ databaseId, backendId, openDoor, resources }) =>
        new Bootstrap(
          `${name}-bootstrap`,
          {
            adminEmail: config.adminEmail,
            adminPassword: this.adminPassword,
            superAdminPassword: secrets.superAdmin,
            organization: config.organization,
            backend: host.containerName(services.backend),
            postgres: host.containerName(services.postgres),
            ingress: host.containerName(services.ingress),
            databaseId,
            backendId,
            engine: host.engine,
            hide,
            openDoor,
          },
          { parent: this, dependsOn: resources },
        ),
    });

    const mail = mailServerOf(config.backendEnv);
    const smoke = new Smoke(
      `${name}-smoke`,
      {
        url: this.url,
        apiUrl: this.apiUrl,
        adminEmail: config.adminEmail,
        adminPassword: this.adminPassword,
        containers: eachService(services, (service) => host.containerName(service)),
        images,
        memoryMiB: eachService(services, ({ memoryMiB }) => memoryMiB),
        postgresPort: config.postgresPort,
        mailServer: mail && `${mail.host}:${mail.port}`,
        revision: revisionOf(listed(services)),
        containerIds: running.identities,
        nonce: config.smoke === "always" ? new Date().toISOString() : undefined,
        engine: host.engine,
        hide,
        publicAddress: host.publicAddress,
      },
      { parent: this, dependsOn: running.resources },
    );
    new Operations(
      `${name}-operations`,
      {
        settings,
        images,
        engine: host.engine,
        ...(host.machineId !== undefined && { machineId: host.machineId, program: bundleDigest() }),
      },
      { parent: this, dependsOn: running.resources },
    );
    this.smoke = smoke.report;
    this.services = smoke.report.apply((report) => report?.services);
    this.registerOutputs({ url: this.url, apiUrl: this.apiUrl });
  }

  private host(name: string, config: AtlasConfig, deploymentId: pulumi.Input<string>): Host {
    const { droplet, namePrefix } = config;
    const opts = { parent: this };
    return droplet
      ? new DropletHost(`${name}-host`, { ...config, droplet }, opts)
      : new DockerHost(`${name}-host`, { namePrefix, deploymentId }, opts);
  }
}

const eachService = <T>(services: Services, what: (service: Service) => T): Record<string, T> =>
  Object.fromEntries(listed(services).map((service) => [service.name, what(service)]));

/** Stack configuration encrypts a map as a whole or not at all, as far as a program can tell. */
function environment(
  variables: Record<string, string>,
  secret: boolean,
): Record<string, pulumi.Input<string>> {
  if (!secret) return variables;
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, pulumi.secret(value)]));
}
