// What a program declares, read without an engine.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { unknown } from "../../../components/cost/resource.ts";
import { declaredPlan } from "../../../scripts/lib/declared-plan.ts";

const byName = (resources: ReturnType<typeof declaredPlan>) =>
  Object.fromEntries(resources.map((resource) => [resource.name, resource]));

describe("this project's program", () => {
  test("declares its droplet stack, with what each value is made of, and no secret", () => {
    const resources = declaredPlan("prod");
    const { "atlas-host-droplet": droplet, "atlas-host-data": volume, ...rest } = byName(resources);
    expect(droplet).toMatchObject({
      type: "digitalocean:index/droplet:Droplet",
      inputs: { size: "s-2vcpu-4gb", backups: true, backupPolicy: { plan: "weekly" }, userData: unknown },
      uses: { tags: ["digitalocean:index/tag:Tag::atlas-host-tag"] },
      protect: false,
    });
    expect(volume).toMatchObject({ inputs: { size: 20 }, protect: true });
    expect(rest["atlas-host-address-assignment"]?.uses.ipAddress).toEqual([
      "digitalocean:index/reservedIp:ReservedIp::atlas-host-address",
    ]);
    expect(resources.map(({ type }) => type)).not.toContain("atlas:hosts:DropletHost");
    expect(JSON.stringify(resources)).not.toContain("PRIVATE KEY");
  });
});

describe("another program", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "declared-"));
    symlinkSync(path.resolve("node_modules"), path.join(folder, "node_modules"));
    const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text);
    write("package.json", '{"type": "module"}');
    write(
      "Pulumi.yaml",
      "name: shop\nruntime: nodejs\nmain: main.ts\nconfig:\n  shop:count:\n    type: string\n    default: '1'\n",
    );
    write(
      "Pulumi.live.yaml",
      "config:\n  shop:count: '3'\n  shop:key:\n    secure: v1:abc\n  shop:map:\n    a: {secure: v1:x}\n    b: plain\n",
    );
    write(
      "main.ts",
      `import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
const config = new pulumi.Config("shop");
console.log("a line of the program's own");
class Web extends pulumi.ComponentResource {
  constructor(name: string, size: pulumi.Input<string>, opts: pulumi.ComponentResourceOptions) {
    super("shop:index:Web", name, {}, opts);
    const droplet = new digitalocean.Droplet(name + "-droplet", { image: "debian-13-x64", region: "fra1", size }, { parent: this });
    new digitalocean.Volume(name + "-data", { region: "fra1", size: 10, description: droplet.id.apply((id) => "of " + id) }, { parent: this, protect: false });
  }
}
for (let i = 0; i < config.requireNumber("count"); i++)
  new Web("web" + i, i === 2 ? Promise.resolve("s-1vcpu-1gb") : "s-1vcpu-1gb", { protect: i === 1 });
new digitalocean.Vpc(config.requireObject<{ b: string }>("map").b, { region: "fra1", description: config.requireSecret("key") });
if (config.get("fails")) throw new pulumi.RunError("shop:fails is set: unset it");
`,
    );
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("loops, components, inherited protection, promises, secrets", () => {
    const found = byName(declaredPlan("live", folder));
    expect(Object.keys(found).toSorted()).toEqual(
      [
        "plain",
        "web0-data",
        "web0-droplet",
        "web1-data",
        "web1-droplet",
        "web2-data",
        "web2-droplet",
      ].toSorted(),
    );
    expect([0, 1, 2].map((i) => found[`web${i}-droplet`]?.protect)).toEqual([false, true, false]);
    expect(found["web1-data"]?.protect).toBe(false);
    expect(found["web0-droplet"]?.inputs.size).toBe("s-1vcpu-1gb");
    expect(found["web2-droplet"]?.inputs.size).toBe(unknown);
    expect(found["web1-data"]).toMatchObject({
      inputs: { description: unknown },
      uses: { description: ["digitalocean:index/droplet:Droplet::web1-droplet"] },
    });
    expect(found.plain?.inputs.description).toBe(unknown);
  });

  test("a stack without a file has the defaults", () => {
    expect(() => declaredPlan("other", folder)).toThrow(/map/);
  });

  test("its own message is what a failure says", () => {
    writeFileSync(
      path.join(folder, "Pulumi.live.yaml"),
      "config:\n  shop:fails: 'yes'\n  shop:map: {b: plain}\n  shop:key: k\n",
    );
    expect(() => declaredPlan("live", folder)).toThrow(/shop:fails is set: unset it/);
  });
});
