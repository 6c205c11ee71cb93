// What DigitalOcean watches: the machine from within, the address from outside.
import * as digitalocean from "@pulumi/digitalocean";
import type * as pulumi from "@pulumi/pulumi";

export interface MonitoringArgs {
  namePrefix: string;
  /** A verified address of the DigitalOcean team. */
  alertEmail: string;
  publicUrl: URL;
  tag: pulumi.Input<string>;
}

/** Percent of what there is, for five minutes or longer. */
const limits = {
  disk_utilization_percent: 85,
  memory_utilization_percent: 95,
  cpu: 95,
};

export function monitoring(
  name: string,
  { namePrefix, alertEmail, publicUrl, tag }: MonitoringArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  for (const [metric, value] of Object.entries(limits))
    new digitalocean.MonitorAlert(
      `${name}-alert-${metric.split("_")[0]}`,
      {
        type: `v1/insights/droplet/${metric}`,
        description: `${namePrefix}: ${metric.replaceAll("_", " ")} above ${value}`,
        compare: "GreaterThan",
        value,
        window: "5m",
        tags: [tag],
        alerts: { emails: [alertEmail] },
      },
      opts,
    );
  const check = new digitalocean.UptimeCheck(
    `${name}-uptime`,
    {
      name: namePrefix,
      target: `${publicUrl.origin}/api/health-check`,
      type: publicUrl.protocol.replace(":", ""),
      regions: ["eu_west", "us_east"],
    },
    opts,
  );
  new digitalocean.UptimeAlert(
    `${name}-uptime-alert`,
    {
      name: `${namePrefix} is down`,
      checkId: check.id,
      type: "down_global",
      period: "2m",
      notifications: [{ emails: [alertEmail] }],
    },
    opts,
  );
}
