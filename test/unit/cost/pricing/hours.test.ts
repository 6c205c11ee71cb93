import { expect, test } from "vitest";
import { priceBook } from "../../../../components/cost/price-book.ts";
import { forHours } from "../../../../components/cost/pricing/hours.ts";
import { unknown } from "../../../../components/cost/resource.ts";
import { billOf } from "./planned.ts";

const cost = (type: string, inputs: Record<string, unknown>, hours: number | string) =>
  String(forHours(billOf(type, inputs), Number(hours), priceBook()));

test.each<[type: string, inputs: Record<string, unknown>, hours: number, cost: string]>([
  ["Droplet", { size: "s-2vcpu-4gb" }, 0, "0"],
  ["Droplet", { size: "s-2vcpu-4gb" }, 1, "0.03571"],
  ["Droplet", { size: "s-2vcpu-4gb" }, 100, "3.571"],
  // The hourly price is rounded: 672 hours are three tenths of a cent below the month, which the 673rd reaches.
  ["Droplet", { size: "s-2vcpu-4gb" }, 672, "23.99712"],
  ["Droplet", { size: "s-2vcpu-4gb" }, 673, "24"],
  ["Droplet", { size: "s-2vcpu-4gb" }, 744, "24"],
  // A minute would cost 0.0006.
  ["Droplet", { size: "s-2vcpu-4gb" }, 1 / 60, "0.01"],
  ["Droplet", { size: "s-1vcpu-512mb-10gb" }, 1, "0.01"],
  ["Droplet", { size: "s-1vcpu-512mb-10gb" }, 2, "0.0119"],
  // Two minimums.
  ["KubernetesNodePool", { size: "s-1vcpu-1gb", nodeCount: 2 }, 0.5, "0.02"],
  // 0.0348 an hour, without an end
  ["Droplet", { size: "s5-1vcpu-3gb-50gb" }, 100, "3.48"],
  ["Droplet", { size: "s5-1vcpu-3gb-50gb" }, 744, "25.8912"],
  // With 20 % of it for backups: 0.0348 + 0.00696
  ["Droplet", { size: "s5-1vcpu-3gb-50gb", backups: true }, 1000, "41.76"],
  // 0.03571 + 4.80 / 672
  ["Droplet", { size: "s-2vcpu-4gb", backups: true }, 10, "0.4285"],
  ["Droplet", { size: "s-2vcpu-4gb", backups: true }, 730, "28.8"],
  // 1 / 672 = 0.00149
  ["Volume", { size: 10 }, 24, "0.03576"],
  ["Volume", { size: 10 }, 730, "1"],
  // 0.01 is published, so that 500 hours are a month.
  ["ReservedIp", {}, 100, "1"],
  ["ReservedIp", {}, 600, "5"],
  // 12 / 672 = 0.01786
  ["LoadBalancer", {}, 1, "0.01786"],
  ["DatabaseCluster", { engine: "pg", size: "db-s-1vcpu-1gb", nodeCount: 1 }, 100, "2.254"],
  ["Firewall", {}, 744, "0"],
])("%s %j for %d hours costs %s", (type, inputs, hours, expected) => {
  expect(cost(type, inputs, hours)).toBe(expected);
});

test("the largest droplets cost more than the minimum even in their first minute", () => {
  // 4.67857 / 60, for a second of it
  const bill = billOf("Droplet", { size: "so-48vcpu-384gb-intel" });
  expect(forHours(bill, 1 / 3600, priceBook())?.toFixed(6)).toBe("0.077976");
});

test("of what is not known in part, no part is said", () => {
  expect(cost("Droplet", { size: "s-2vcpu-4gb", backups: unknown }, 5)).toBe("undefined");
});

test("time does not run backwards", () => {
  expect(() => cost("Volume", { size: 1 }, -1)).toThrow("Nothing exists for -1 hours.");
});
