// The deployment that faults befall, as the public and its machine see it.
import { type Agent, request } from "undici";
import { AtlasClient, type AtlasClientOptions } from "../../../../client/index.ts";
import { docker } from "../../../../components/hosts/docker-cli.ts";
import { runOverSsh, type SshTarget } from "../../../../components/hosts/ssh.ts";
import { serviceNames } from "../../../../components/services/service.ts";
import { until } from "../../test-stack.ts";
import type { DropletOutputs, DropletStack } from "../droplet-stack.ts";
import { Ledger } from "./ledger.ts";
import { isOutside, type Outside, scriptOf } from "./on-machine.ts";
import type { Fault } from "./plan.ts";
import type { Row } from "./table.ts";
import { record } from "./writing-client.ts";

const actions: Record<Outside, string> = { reboot: "reboot", "power cycle": "power_cycle" };

const psql = 'PGPASSWORD="$POSTGRES_PASSWORD" psql -tA -h 127.0.0.1 -U "$POSTGRES_USER" "$POSTGRES_DB"';

/** Asked for once: the stack's state costs seconds. */
interface Known {
  outputs: DropletOutputs;
  machine: SshTarget;
  dropletId: number | string;
}

export class Victim {
  readonly ledger = new Ledger();
  private readonly it: DropletStack;
  private readonly known: Known;
  private looks = 0;
  /** Why the last look found it unwell. */
  private complaint = "";

  private constructor(it: DropletStack, known: Known) {
    this.it = it;
    this.known = known;
  }

  static async of(it: DropletStack): Promise<Victim> {
    const { id: dropletId } = await it.droplet();
    return new Victim(it, { outputs: await it.outputs(), machine: await it.sshTarget(), dropletId });
  }

  /** Connections of one's own to the public door. */
  way(): Promise<Agent> {
    return this.it.way(this.known.outputs.address);
  }

  /** The administrator's client. */
  client(dispatcher: Agent, options: Partial<AtlasClientOptions>): AtlasClient {
    const { apiUrl: baseUrl, adminEmail: email, adminPassword: password } = this.known.outputs;
    return new AtlasClient({ baseUrl, email, password, rateLimits: false, dispatcher, ...options });
  }

  /** Lets it happen, and waits until all is well again or the time is over: then the failure says what is wrong. */
  async suffers(fault: Fault, limitSeconds: number): Promise<{ row: Row; failure?: Error }> {
    const began = performance.now();
    const ended = await this.inflict(fault);
    const failure = await this.recovers(limitSeconds).then(
      () => undefined,
      (error: Error) => error,
    );
    const now = performance.now();
    const { ledger } = this;
    const row: Row = {
      fault,
      downMs: ledger.longestSilence(began, now),
      recoveredMs: failure ? undefined : now - ended,
      acknowledged: ledger.count("acknowledged", began, now),
      failed: ledger.count("failed", began, now),
      unknown: ledger.count("unknown", began, now),
    };
    return failure ? { row, failure } : { row };
  }

  /** @throws Error with what is wrong when the time is over */
  async recovers(limitSeconds: number): Promise<void> {
    const began = performance.now();
    try {
      await until("recovery", limitSeconds, () => this.isWell());
      await until("the writers' next work order", limitSeconds, () => this.ledger.lastAcknowledged() > began);
    } catch (error) {
      throw new Error(`${(error as Error).message}: ${this.complaint}\n${await this.condition()}`);
    }
  }

  /** What is wrong with the rows of the database, in words. */
  async faultsOfRows(): Promise<string[]> {
    const acknowledged = this.ledger.titles("acknowledged");
    const rows = await docker(
      ["exec", "--interactive", this.it.stack.container("postgres"), "sh", "-c", psql],
      { host: this.known.machine, input: "select title from work_order where title like 'chaos %'" },
    );
    return this.ledger.faults(rows.split("\n").filter(Boolean), acknowledged);
  }

  /** @returns when it was over */
  private async inflict(fault: Fault): Promise<number> {
    if (isOutside(fault.kind)) {
      const began = performance.now();
      await this.it.act(this.known.dropletId, actions[fault.kind]);
      return began;
    }
    const script = scriptOf(fault, (service) => this.it.stack.container(service));
    const { code, output } = await runOverSsh(this.known.machine, "bash -s", {
      input: script,
      timeoutMs: (fault.seconds + 60) * 1000,
    });
    if (code !== 0) throw new Error(`${fault.kind} of ${fault.target}: ${output}`);
    return performance.now();
  }

  private async isWell(): Promise<boolean> {
    this.complaint = await this.whatIsWrong().catch((error: Error) => error.message);
    return this.complaint === "";
  }

  /** The door first: what the engine says of a container lags behind. */
  private async whatIsWrong(): Promise<string> {
    const way = await this.way();
    try {
      return (await this.whatIsWrongAtTheDoor(way)) || (await this.whatIsWrongInside());
    } finally {
      await way.destroy();
    }
  }

  /** As somebody who comes for the first time. */
  private async whatIsWrongAtTheDoor(dispatcher: Agent): Promise<string> {
    await using client = this.client(dispatcher, { timeoutMs: 5_000, maxRetries: 0 });
    await client.signIn();
    const title = `chaos look ${++this.looks}`;
    const id = await record(client, this.ledger, title);
    if ((await client.workOrders.get(id)).title !== title) return `work order ${id} is not "${title}"`;
    const page = await request(this.known.outputs.url, { dispatcher, signal: AbortSignal.timeout(5_000) });
    await page.body.dump();
    return page.statusCode === 200 ? "" : `the front end answers ${page.statusCode}`;
  }

  /** A container's health is old while the engine is away, so the engine has to do something. */
  private async whatIsWrongInside(): Promise<string> {
    const look = `for unit in docker containerd atlas; do
  systemctl is-active --quiet $unit || { echo "$unit does not run"; exit 1; }
done
docker exec ${this.it.stack.container("postgres")} true
docker ps --format '{{.Names}} {{.Status}}'`;
    const { code, output } = await runOverSsh(this.known.machine, "bash -es", {
      input: look,
      timeoutMs: 10_000,
    });
    const seen = output.toString();
    if (code !== 0) return seen;
    const unwell = serviceNames.filter(
      (service) => !new RegExp(`^${this.it.stack.container(service)} .*\\(healthy\\)$`, "m").test(seen),
    );
    return unwell.length === 0 ? "" : `not healthy: ${unwell.join(", ")}\n${seen}`;
  }

  /** For the one who has to find out why it does not recover. */
  private async condition(): Promise<string> {
    const look = `docker ps --all; systemctl --no-pager --failed; systemctl list-jobs
df -h /var/lib/atlas; journalctl --no-pager --lines 80`;
    const seen = runOverSsh(this.known.machine, `timeout 30 sh -c '${look}'`, { timeoutMs: 60_000 });
    return seen.then(
      ({ output }) => output.toString(),
      (error: Error) => error.message,
    );
  }
}
