import { accountRoutes, catalogueRoutes } from "./account.ts";
import { domainRoutes } from "./domains/routes.ts";
import { backupRoutes } from "./droplets/backups.ts";
import { actionRoutes, dropletRoutes } from "./droplets/routes.ts";
import { firewallRoutes } from "./firewalls/routes.ts";
import type { Route } from "./http/router.ts";
import { keyRoutes } from "./keys.ts";
import { alertRoutes } from "./monitoring/alerts.ts";
import { uptimeRoutes } from "./monitoring/uptime.ts";
import { reservedIpRoutes } from "./network/reserved-ips.ts";
import { vpcRoutes } from "./network/vpcs.ts";
import { projectRoutes } from "./projects.ts";
import { snapshotRoutes } from "./snapshots.ts";
import { tagRoutes } from "./tags.ts";
import { volumeRoutes } from "./volumes.ts";

/** Everything under /v2. */
export const apiRoutes: Route[] = [
  ...accountRoutes,
  ...catalogueRoutes,
  ...dropletRoutes,
  ...backupRoutes,
  ...actionRoutes,
  ...volumeRoutes,
  ...snapshotRoutes,
  ...keyRoutes,
  ...firewallRoutes,
  ...reservedIpRoutes,
  ...vpcRoutes,
  ...tagRoutes,
  ...domainRoutes,
  ...projectRoutes,
  ...alertRoutes,
  ...uptimeRoutes,
];
