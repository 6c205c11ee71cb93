import { describe, expect, test } from "vitest";
import { parseMounts } from "../../../sandbox/digitalocean/machine/mounts.ts";
import { listeningPorts, parsePorts } from "../../../sandbox/digitalocean/machine/sockets.ts";

const header =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const line = (local: string, remote: string, state: string) =>
  `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0\n`;
const nobody = "00000000:0000";
const nobody6 = `${"0".repeat(32)}:0000`;

describe("listening ports", () => {
  test("are those on every address and on the machine's own", () => {
    const table =
      header +
      line("00000000:0016", nobody, "0A") +
      line("020014AC:1F90", nobody, "0A") +
      line("010011AC:0035", nobody, "0A") +
      line("0100007F:0CEA", nobody, "0A") +
      line(`${"0".repeat(32)}:01BB`, nobody6, "0A") +
      line("0000000000000000FFFF0000020014AC:0050", nobody6, "0A") +
      line("0000000000000000FFFF00000100007F:0051", nobody6, "0A") +
      line("00000000000000000000000001000000:0019", nobody6, "0A");
    expect([...parsePorts(table, "tcp", "172.20.0.2")].sort((a, b) => a - b)).toEqual([22, 80, 443, 8080]);
  });
  test("are none of connections", () => {
    const table = line("020014AC:0016", "010014AC:D431", "01") + line("020014AC:8000", nobody, "07");
    expect(parsePorts(table, "tcp", "172.20.0.2").size).toBe(0);
    const udp = line("020014AC:8000", "010014AC:0035", "01") + line("00000000:01BB", nobody, "07");
    expect([...parsePorts(udp, "udp", "172.20.0.2")]).toEqual([443]);
  });
  test("of a process that is gone are unknown", async () => {
    expect(await listeningPorts(2 ** 22 + 1, "127.0.0.1")).toBeUndefined();
  });
});

test("mounts: device, place, and whether they follow another namespace", () => {
  const table = [
    "36 35 7:0 / /mnt/the\\040data rw,noatime shared:1 - ext4 /dev/loop0 rw",
    "37 35 7:1 / /data rw shared:2 master:1 - xfs /dev/loop1 rw",
    "38 35 7:12 /sub /srv rw - ext4 /dev/loop12 rw",
  ].join("\n");
  expect(parseMounts(`${table}\n`)).toEqual([
    { device: "7:0", point: "/mnt/the data", follows: false },
    { device: "7:1", point: "/data", follows: true },
    { device: "7:12", point: "/srv", follows: false },
  ]);
});
