import { describe, expect, test } from "vitest";
import { servicesOf } from "./deployment-services.ts";
import { FakeCommands } from "./fake-commands.ts";

const { shell, intervalSeconds } = servicesOf().backend.healthcheck;
// What Atlas allows one anonymous address (atlas-api.md 6).
const limits = { minute: 20, hour: 80 };

/** Runs the probe with curl's answer given. */
async function probe(status: string, curlExit = 0) {
  await using fake = await FakeCommands.of({
    curl: `printf '%s\\n' "$@" > "$FAKE/curl"; printf %s '${status}'; exit ${curlExit}`,
  });
  const run = fake.start(["sh", "-c", shell]);
  return { exit: await run.ended, arguments: (await fake.read("curl")).split("\n") };
}

describe("the backend's health probe", () => {
  test("asks for a sign-in, which looks into the database", async () => {
    const { arguments: args } = await probe("403");
    expect(args).toContain("http://127.0.0.1:8080/auth/signin");
    const body = args[args.indexOf("-d") + 1] ?? "";
    expect(JSON.parse(body)).toEqual({ email: "health@check.invalid", password: "none", type: "CLIENT" });
    expect(args).toContain("Content-Type: application/json");
    expect(args.join("\n")).not.toMatch(/Authorization/i);
  });

  test("gives up before Docker does", async () => {
    const { arguments: args } = await probe("403");
    const { timeoutSeconds } = servicesOf().backend.healthcheck;
    expect(Number(args[args.indexOf("-m") + 1])).toBeLessThan(timeoutSeconds);
  });

  test("takes a refusal for health", async () => {
    expect((await probe("403")).exit).toBe(0);
  });

  test.each([
    ["500", 0, "the database is gone"],
    ["429", 0, "the limit is used up"],
    ["200", 0, "somebody else answers"],
    ["404", 0, "something else answers"],
    ["000", 28, "nothing answers in time"],
    ["000", 7, "nothing listens"],
    ["", 2, "curl fails"],
  ])("and nothing else: %s, curl ends with %d, %s", async (status, curlExit) => {
    expect((await probe(status, curlExit)).exit).toBe(1);
  });

  test("comes from so many addresses that none reaches a limit, whatever a probe takes itself", async () => {
    await using fake = await FakeCommands.of({});
    // Three hours of probes, each with its pause after it, in one shell: each prints its time and its address.
    for (const pause of [intervalSeconds, intervalSeconds + 1, 30, 59]) {
      const script = `
        date() { echo $now; }
        curl() { for argument; do case $argument in X-Forwarded-For:*) echo "$now \${argument#*: }" >&2;; esac; done; echo 403; }
        now=1800000000
        while [ $now -lt 1800010800 ]; do
          ${shell} || exit 9
          now=$((now + ${pause}))
        done`;
      const run = fake.start(["sh", "-c", script]);
      expect(await run.ended).toBe(0);
      const sent = run.output
        .trim()
        .split("\n")
        .map((line) => line.split(" "));
      expect(sent).toHaveLength(Math.ceil(10_800 / pause));
      const times = Map.groupBy(sent, ([, address]) => address);
      for (const [address, requests] of times) {
        expect(address).toMatch(/^127\.0\.0\.\d+$/);
        expect(Number(address?.split(".")[3])).toSatisfy((last: number) => last > 1 && last < 255);
        for (const [span, limit] of [
          [60, limits.minute],
          [3600, limits.hour],
        ] as const)
          expect(
            busiest(
              requests.map(([time]) => Number(time)),
              span,
            ),
            `${address} within ${span} s`,
          ).toBeLessThan(limit / 4);
      }
    }
  });
});

/** The most requests within any span of so many seconds. */
function busiest(times: number[], span: number): number {
  return Math.max(
    ...times.map((start) => times.filter((time) => time >= start && time < start + span).length),
  );
}
