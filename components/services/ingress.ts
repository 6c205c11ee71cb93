import { backendPort } from "./backend.ts";
import { frontendPort } from "./frontend.ts";
import type { Port, Service } from "./service.ts";
import { storagePort } from "./storage.ts";

const plainPort = 8080;
const healthPort = 2020;
const rootFile = "/etc/caddy/acme-root.pem";

/** What Atlas serves to anybody but nobody outside needs: the demo door, API documentation, actuator, store's own API. */
const closedPaths = [
  "/api/demo*",
  "/api/swagger-ui*",
  "/api/v3/api-docs*",
  "/api/api-docs.html",
  "/api/actuator*",
  "/storage/minio/*",
];

/** The authority that certifies the name; empty texts mean Let's Encrypt. */
export interface Acme {
  directory: string;
  /** PEM, where machines do not know it. */
  root: string;
}

/**
 * Caddy's configuration: one door for front end, API and files. Caddy sends the caller's address as the only hop. An
 * https address gets a certificate, redirects from http, and tells browsers to come back by https only.
 */
export function caddyfile({
  publicUrl,
  storage,
  acme,
}: {
  publicUrl: URL;
  storage: boolean;
  acme: Acme;
}): string {
  const https = publicUrl.protocol === "https:";
  const files = `
		handle_path /storage/* {
			reverse_proxy storage:${storagePort} {
				header_up Host storage:${storagePort}
			}
		}`;
  const options = https
    ? [
        ...(acme.directory ? [`acme_ca ${acme.directory}`] : []),
        ...(acme.root ? [`acme_ca_root ${rootFile}`] : []),
      ]
    : ["auto_https off"];
  return `{
	admin off
	persist_config off
${options.map((option) => `\t${option}\n`).join("")}}

${https ? publicUrl.hostname : `:${plainPort}`} {
${https ? '\theader Strict-Transport-Security "max-age=31536000"\n' : ""}	route {
		@closed path ${closedPaths.join(" ")}
		respond @closed 404

		handle_path /api/* {
			reverse_proxy backend:${backendPort}
		}${storage ? files : ""}
		handle {
			reverse_proxy frontend:${frontendPort}
		}
	}
}

http://:${healthPort} {
	bind 127.0.0.1
	respond 200
}
`;
}

/** The reverse proxy: the only container whose door is public, and only as far as the public name says. */
export function ingress(args: {
  image: string;
  memoryMiB?: number;
  publicUrl: URL;
  loopback: boolean;
  storage: boolean;
  acme: Acme;
}): Service {
  const memoryMiB = args.memoryMiB ?? 128;
  const https = args.publicUrl.protocol === "https:";
  return {
    name: "ingress",
    image: args.image,
    // Go's collector keeps to three quarters of the limit, the rest is for connections' buffers.
    env: { GOMEMLIMIT: `${Math.floor(memoryMiB * 0.75)}MiB` },
    files: [
      { path: "/etc/caddy/Caddyfile", content: caddyfile(args) },
      ...(https && args.acme.root ? [{ path: rootFile, content: args.acme.root }] : []),
    ],
    // Certificates outlive the machine: authorities hand out few per name and week.
    volumes: https ? [{ name: "certificates", path: "/data" }] : [],
    ports: https ? httpsPorts : [plainDoor(args)],
    networks: ["web"],
    hosts: [],
    memoryMiB,
    // The image's binary carries this file capability and does not start where it is forbidden.
    capabilities: ["CAP_NET_BIND_SERVICE"],
    healthcheck: {
      shell: `wget -q -O /dev/null http://127.0.0.1:${healthPort}/`,
      intervalSeconds: 15,
      timeoutSeconds: 5,
      retries: 3,
      startPeriodSeconds: 30,
    },
    stop: { signal: "SIGTERM", graceSeconds: 15 },
  };
}

const httpsPorts: Port[] = [
  { address: "0.0.0.0", published: 80, target: 80 },
  { address: "0.0.0.0", published: 443, target: 443 },
  { address: "0.0.0.0", published: 443, target: 443, protocol: "udp" },
];

const plainDoor = ({ publicUrl, loopback }: { publicUrl: URL; loopback: boolean }): Port => ({
  address: loopback ? "127.0.0.1" : "0.0.0.0",
  published: Number(publicUrl.port || 80),
  target: plainPort,
});
