import { backendPort } from "./backend.ts";
import { frontendPort } from "./frontend.ts";
import type { Service } from "./service.ts";
import { storagePort } from "./storage.ts";

const listenPort = 8080;
const healthPort = 2020;

/** What Atlas serves to anybody but nobody outside needs: the demo door, API documentation, actuator, store's own API. */
const closedPaths = [
  "/api/demo*",
  "/api/swagger-ui*",
  "/api/v3/api-docs*",
  "/api/api-docs.html",
  "/api/actuator*",
  "/storage/minio/*",
];

/** Caddy's configuration: one door for front end, API and files. Caddy sends the caller's address as the only hop. */
export function caddyfile({ storage }: { storage: boolean }): string {
  const files = `
		handle_path /storage/* {
			reverse_proxy storage:${storagePort} {
				header_up Host storage:${storagePort}
			}
		}`;
  return `{
	admin off
	persist_config off
	auto_https off
}

:${listenPort} {
	route {
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

:${healthPort} {
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
}): Service {
  const memoryMiB = args.memoryMiB ?? 128;
  return {
    name: "ingress",
    image: args.image,
    // Go's collector keeps to three quarters of the limit, the rest is for connections' buffers.
    env: { GOMEMLIMIT: `${Math.floor(memoryMiB * 0.75)}MiB` },
    files: [{ path: "/etc/caddy/Caddyfile", content: caddyfile(args) }],
    volumes: [],
    ports: [
      {
        address: args.loopback ? "127.0.0.1" : "0.0.0.0",
        published: Number(args.publicUrl.port || 80),
        target: listenPort,
      },
    ],
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
