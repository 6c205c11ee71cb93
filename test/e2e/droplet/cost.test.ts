// The bill before it is paid, and what it is paid for: the estimate against what the account then holds.
import Big from "big.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { estimate } from "../../../components/cost/estimate.ts";
import type { CostOutput } from "../../../components/cost/output.ts";
import { parseOutput } from "../../../components/cost/plan/output-text.ts";
import { previewCommand, readPreview } from "../../../components/cost/plan/preview.ts";
import { readState } from "../../../components/cost/plan/state.ts";
import { priceBook } from "../../../components/cost/price-book.ts";
import { declaredPlan } from "../../../scripts/lib/declared-plan.ts";
import { root } from "../test-stack.ts";
import { DropletStack } from "./droplet-stack.ts";

let it: DropletStack;

beforeAll(async () => {
  it = await DropletStack.make();
});
afterAll(() => it.remove());

const preview = async (env: NodeJS.ProcessEnv = {}) => {
  const { code, output } = await it.stack.startWith(env, "preview").finished;
  return { code, output };
};
const previewJson = async () => {
  const [, ...command] = previewCommand.split(" ");
  return parseOutput(await it.stack.pulumi(...command));
};
const cost = async () => ((await it.outputs()) as unknown as { cost: CostOutput }).cost;
const account = async () => ({
  droplets: (await it.list("droplets")).length,
  volumes: (await it.list("volumes")).length,
  addresses: (await it.list("reserved_ips")).length,
  keys: (await it.list("account/keys")).length,
  firewalls: (await it.list("firewalls")).length,
});
const nothing = { droplets: 0, volumes: 0, addresses: 0, keys: 0, firewalls: 0 };
const custom = async () => {
  const { deployment } = JSON.parse(await it.stack.pulumi("stack", "export"));
  return ((deployment.resources ?? []) as { custom: boolean; type: string }[]).filter((one) => one.custom);
};

describe("before anything is there", () => {
  test("a preview says what a month will cost", async () => {
    const { code, output } = await preview();
    expect(code, output).toBe(0);
    expect(output).toContain("$30.80");
  });

  test.each(["preview", "up"] as const)(
    "above the budget, %s makes nothing and says what would bring it under",
    async (script) => {
      it.stack.configure({ monthlyBudget: "30" });
      const { code, output } = await it.stack.startWith({}, script).finished;
      expect(code, output).not.toBe(0);
      expect(output).toContain("$30.80 a month is $0.80 above the budget of $30.00");
      expect(output).toMatch(/Backups off: \$26\.00 a month/);
      expect(output).toMatch(/Next size down \(s-2vcpu-2gb\): \$23\.60 a month/);
      expect(output).not.toContain("runtime detected that the program exited");
      expect(await account()).toEqual(nothing);
      expect(await custom()).toEqual([]);
    },
  );

  test("a policy that is broken stops it as well", async () => {
    it.stack.configure({ monthlyBudget: undefined, backups: "off" });
    const { code, output } = await it.stack.up();
    expect(code, output).not.toBe(0);
    expect(output).toContain("backups");
    expect(output).toContain("atlas:backupsWaiver");
    expect(await account()).toEqual(nothing);
    it.stack.configure({ backups: undefined });
  });
});

describe("a running stack", () => {
  beforeAll(async () => {
    it.stack.configure({ monthlyBudget: "40" });
    const { code, output } = await it.stack.up();
    expect(code, output).toBe(0);
  });

  test("costs what its estimate says, resource by resource", async () => {
    const { breakdown, monthly, unpriced } = await cost();
    const sizes = await it.list("sizes");
    const [droplet] = await it.list("droplets");
    const [volume] = await it.list("volumes");
    const [address] = await it.list("reserved_ips");
    const size = sizes.find(({ slug }) => slug === droplet?.size_slug);
    expect(droplet?.features).toContain("backups");
    // DigitalOcean's own words: backups are 20 % of the droplet, a GiB of volume 0.10, an address in use nothing.
    const dropletPrice = Big(String(size?.price_monthly)).times("1.2");
    const volumePrice = Big(String(volume?.size_gigabytes)).times("0.10");
    const addressPrice = address?.droplet ? 0 : 5;
    const uptimePrice = Math.max(0, (await it.list("uptime/checks")).length - 1);
    expect(
      Object.fromEntries(breakdown.map(({ type, monthly }) => [type.split(":").at(-1), monthly])),
    ).toEqual({
      Droplet: dropletPrice.toNumber(),
      Volume: volumePrice.toNumber(),
      ReservedIp: addressPrice,
      UptimeCheck: uptimePrice,
    });
    expect(monthly).toBe(dropletPrice.plus(volumePrice).plus(addressPrice).plus(uptimePrice).toNumber());
    expect(unpriced).toEqual([]);
  });

  test("is priced alike from inside the program, from a preview, from its export, and without an engine", async () => {
    const priced = (resources: Parameters<typeof estimate>[0]) =>
      estimate(resources, priceBook())
        .resources.filter(({ lines }) => lines.length > 0)
        .map(({ type, name, monthly }) => ({ type, name, monthly: monthly.toNumber() }));
    const { breakdown } = await cost();
    const plan = readPreview(await previewJson());
    expect(priced(plan.after)).toEqual(breakdown);
    expect(priced(plan.before)).toEqual(breakdown);
    expect(priced(readState(JSON.parse(await it.stack.pulumi("stack", "export"))))).toEqual(breakdown);
    // A person's own settings, where the sandbox brings its own.
    const env = { ...process.env, ATLAS_CONFIG_SSH_FROM: '["127.0.0.0/8"]' };
    expect(priced(declaredPlan(it.stack.name, root, env))).toEqual(breakdown);
  });

  test("shows the difference before another size is paid", async () => {
    it.stack.configure({ dropletSize: "s-4vcpu-8gb", monthlyBudget: "100" });
    const { code, output } = await preview();
    expect(code, output).toBe(0);
    expect(output).toContain("$59.60");
    expect(output).toContain("+$28.80");
  });

  test("stays as it is where the other size is above the budget", async () => {
    it.stack.configure({ monthlyBudget: "40" });
    const before = await account();
    for (const script of ["preview", "up"] as const) {
      const { code, output } = await it.stack.startWith({}, script).finished;
      expect(code, output).not.toBe(0);
      expect(output).toContain("$59.60 a month is $19.60 above the budget of $40.00");
    }
    expect(await account()).toEqual(before);
    expect((await it.droplet()).size_slug).toBe("s-2vcpu-4gb");
  });

  test("warns from the chosen percentage on", async () => {
    it.stack.configure({ dropletSize: undefined, monthlyBudget: "32", warnAt: "90" });
    const { code, output } = await preview();
    expect(code, output).toBe(0);
    expect(output).toContain("96 % of the budget of $32.00");
  });
});
