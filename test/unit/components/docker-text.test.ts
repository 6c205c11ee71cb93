import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { environmentList, goDuration, revisionOf } from "../../../components/hosts/docker-host.ts";
import type { Service } from "../../../components/services/service.ts";
import { json } from "./configuration.ts";
import { servicesOf } from "./deployment-services.ts";

describe("durations as the engine writes them", () => {
  test.each([
    [0, "0s"],
    [5, "5s"],
    [59, "59s"],
    [60, "1m0s"],
    [90, "1m30s"],
    [300, "5m0s"],
    [3599, "59m59s"],
    [3600, "1h0m0s"],
    [5430, "1h30m30s"],
  ])("%d s is %s", (seconds, text) => {
    expect(goDuration(seconds)).toBe(text);
  });
});

describe("the environment as a list", () => {
  test("is sorted by name, whatever the order was", () => {
    const expected = ["A=1", "B=2", "C=", "b=3"];
    expect(environmentList({ b: "3", C: "", A: "1", B: "2" })).toEqual(expected);
    expect(environmentList({ A: "1", B: "2", C: "", b: "3" })).toEqual(expected);
  });

  test("keeps a secret a secret", async () => {
    const [open, closed] = environmentList({ PWD: pulumi.secret("hidden"), HOST: "x" });
    expect(open).toBe("HOST=x");
    if (!pulumi.Output.isInstance<string>(closed)) throw new Error("a plain value");
    expect(await pulumi.isSecret(closed)).toBe(true);
    expect(await resolved(closed)).toBe("PWD=hidden");
  });
});

describe("the revision", () => {
  const revision = (values: Record<string, string> = {}) =>
    resolved(revisionOf(Object.values(servicesOf(values)).filter((service) => service !== undefined)));

  test("stays while nothing that runs changes", async () => {
    expect(await revision()).toMatch(/^[0-9a-f]{16}$/);
    expect(await revision({ organization: "Other", smoke: "always", rotate: json({ jwt: 1 }) })).toBe(
      await revision(),
    );
  });

  test("stays when the same variables come in another order", async () => {
    expect(await revision({ backendEnv: '{"A1":"1","B1":"2"}' })).toBe(
      await revision({ backendEnv: '{"B1":"2","A1":"1"}' }),
    );
  });

  test.each<Record<string, string>>([
    { backendEnv: json({ A: "b" }) },
    { frontendEnv: json({ A: "b" }) },
    { images: json({ ingress: "caddy:3" }) },
    { memory: json({ postgres: 600 }) },
    { postgresPort: "0" },
    { storage: "false" },
    { publicUrl: "http://cmms.plant.example" },
    { adminEmail: "other@plant.example" },
  ])("changes with %o", async (values) => {
    expect(await revision(values)).not.toBe(await revision());
  });

  test("changes with a secret, and shows nothing of it", async () => {
    const service = (password: string): Service => ({
      ...servicesOf().postgres,
      env: { POSTGRES_PASSWORD: pulumi.secret(password) },
    });
    const output = revisionOf([service("one")]);
    expect(await pulumi.isSecret(output)).toBe(false);
    expect(await resolved(output)).not.toBe(await resolved(revisionOf([service("two")])));
  });
});

function resolved<T>(output: pulumi.OutputInstance<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}
