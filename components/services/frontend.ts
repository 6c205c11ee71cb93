import type { Input } from "@pulumi/pulumi";
import type { Service } from "./service.ts";

export const frontendPort = 3000;

// Upstream's own command keeps a shell as PID 1, which never tells nginx to stop.
const start = 'runtime-env-cra && exec nginx -g "daemon off;"';

/** The web front end: static files, which the image fills with these variables when it starts. */
export function frontend(args: {
  image: string;
  memoryMiB?: number;
  publicUrl: URL;
  env: Record<string, Input<string>>;
}): Service {
  // The image replaces only variables that are set; upstream's compose file sets the unused ones to one blank.
  const unused =
    "GOOGLE_KEY GOOGLE_TRACKING_ID OAUTH2_PROVIDER LOGO_PATHS CUSTOM_COLORS BRAND_CONFIG DEMO_LINK";
  return {
    name: "frontend",
    image: args.image,
    command: ["sh", "-c", start],
    env: {
      API_URL: `${args.publicUrl.origin}/api`,
      NODE_ENV: "production",
      INVITATION_VIA_EMAIL: "true",
      CLOUD_VERSION: "false",
      ENABLE_SSO: "false",
      ...Object.fromEntries(unused.split(" ").map((name) => [name, " "])),
      ...args.env,
    },
    files: [],
    volumes: [],
    ports: [],
    networks: ["web"],
    hosts: [],
    memoryMiB: args.memoryMiB ?? 256,
    // nginx starts as root and hands its workers to another user.
    capabilities: ["CAP_CHOWN", "CAP_SETGID", "CAP_SETUID"],
    healthcheck: {
      shell: `wget -q --spider http://127.0.0.1:${frontendPort}/`,
      intervalSeconds: 15,
      timeoutSeconds: 5,
      retries: 3,
      startPeriodSeconds: 60,
    },
    stop: { signal: "SIGQUIT", graceSeconds: 15 },
  };
}
