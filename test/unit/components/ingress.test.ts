import { describe, expect, test } from "vitest";
import { json } from "./configuration.ts";
import { servicesOf } from "./deployment-services.ts";

const ingressOf = (values: Record<string, string> = {}) => servicesOf(values).ingress;
const caddyfileOf = (values: Record<string, string> = {}) => {
  const { files } = ingressOf(values);
  expect(files.map(({ path }) => path)).toEqual(["/etc/caddy/Caddyfile"]);
  return files[0]?.content ?? "";
};

describe("the door's address", () => {
  test.each([
    ["http://localhost:8080", "127.0.0.1", 8080],
    ["http://127.0.0.1:81", "127.0.0.1", 81],
    ["http://atlas.localhost", "127.0.0.1", 80],
    ["http://cmms.plant.example", "0.0.0.0", 80],
    ["http://cmms.plant.example:8443", "0.0.0.0", 8443],
  ])("%s is published on %s:%d", (publicUrl, address, published) => {
    expect(ingressOf({ publicUrl }).ports).toEqual([{ address, published, target: 8080 }]);
  });
});

describe("the Caddyfile", () => {
  test("with the object store", () => {
    expect(caddyfileOf()).toBe(`{
	admin off
	persist_config off
	auto_https off
}

:8080 {
	route {
		@closed path /api/demo* /api/swagger-ui* /api/v3/api-docs* /api/api-docs.html /api/actuator* /storage/minio/*
		respond @closed 404

		handle_path /api/* {
			reverse_proxy backend:8080
		}
		handle_path /storage/* {
			reverse_proxy storage:9000 {
				header_up Host storage:9000
			}
		}
		handle {
			reverse_proxy frontend:3000
		}
	}
}

http://:2020 {
	bind 127.0.0.1
	respond 200
}
`);
  });

  test("without it nothing leads there", () => {
    const caddyfile = caddyfileOf({ storage: "false" });
    expect(caddyfile).not.toContain("storage:9000");
    expect(caddyfile.match(/reverse_proxy \S+/g)).toEqual([
      "reverse_proxy backend:8080",
      "reverse_proxy frontend:3000",
    ]);
  });

  test("closes what nobody outside needs before anything is passed on", () => {
    const caddyfile = caddyfileOf();
    const closed = /@closed path (.*)\n/.exec(caddyfile)?.[1]?.split(" ");
    expect(closed).toEqual(
      expect.arrayContaining([
        "/api/demo*",
        "/api/swagger-ui*",
        "/api/v3/api-docs*",
        "/api/api-docs.html",
        "/api/actuator*",
      ]),
    );
    expect(caddyfile.indexOf("respond @closed 404")).toBeLessThan(caddyfile.indexOf("reverse_proxy"));
    // Invited users sign up through it.
    expect(caddyfile).not.toContain("/auth");
  });

  test("has balanced braces", () => {
    for (const storage of ["true", "false"]) {
      const text = caddyfileOf({ storage });
      expect(text.split("{")).toHaveLength(text.split("}").length);
    }
  });
});

test("the proxy knows no secret, keeps no data and does not see the database's network", () => {
  expect(ingressOf()).toMatchObject({
    networks: ["web"],
    volumes: [],
    hosts: [],
    env: { GOMEMLIMIT: "96MiB" },
  });
});

test("Go's memory limit follows the container's", () => {
  expect(ingressOf({ memory: json({ ingress: 1001 }) }).env).toEqual({ GOMEMLIMIT: "750MiB" });
});
