// The checks, as data: each says what it looks at, whose fault a failure most likely is, and how to look.
import { type Dispatcher, fetch } from "undici";
import {
  AtlasAuthError,
  AtlasClient,
  AtlasLicenseError,
  AtlasNotFoundError,
  type WorkOrder,
} from "../../client/index.ts";
import { defaultSuperAdmin } from "../bootstrap/set-up.ts";
import { docker } from "../hosts/docker-cli.ts";
import type { ServiceName } from "../services/service.ts";
import { demoDoor, organisationDoor, roleDoor } from "./doors.ts";
import { Failure, Skipped } from "./failure.ts";
import { onlyOnLoopback } from "./reachable.ts";
import type { SmokeInputs } from "./smoke.ts";

export interface Context {
  inputs: SmokeInputs;
  client: AtlasClient;
  /** For requests beside the client's. */
  dispatcher: Dispatcher | undefined;
  /** Sign-ins that the client has sent so far. */
  signIns: () => number;
  /** Title of this run's work order; every run's begins with the same mark. */
  title: string;
  workOrder?: WorkOrder;
}

export interface Check {
  id: string;
  title: string;
  blame: ServiceName;
  /** Returns what was seen; throws Failure, Skipped, or whatever the client throws. */
  run: (context: Context) => Promise<string>;
}

/** Beginning of the title of every work order that a check makes. */
export const mark = "[atlas-smoke]";

const ours = (context: Context): WorkOrder => {
  if (!context.workOrder) throw new Skipped("there is no work order to look at");
  return context.workOrder;
};
const expectEqual = (what: string, actual: unknown, expected: unknown) => {
  if (actual !== expected)
    throw new Failure(`${what} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
};

/** Deletes what this run, or one that was killed, has left. */
export async function sweep(client: AtlasClient): Promise<number> {
  const found = await client.workOrders.search(mark, { pageSize: 100 });
  const left = found.content.filter((order) => order.title.startsWith(mark));
  for (const order of left) await client.workOrders.delete(order.id);
  return left.length;
}

export const checks: Check[] = [
  {
    id: "health",
    title: "API answers through the public door",
    blame: "backend",
    run: async ({ client }) => (await client.health()).message ?? "up",
  },
  {
    id: "frontend",
    title: "front end is served",
    blame: "frontend",
    run: async ({ inputs, dispatcher }) => {
      const response = await fetch(inputs.url, {
        signal: AbortSignal.timeout(10_000),
        ...(dispatcher && { dispatcher }),
      });
      const text = await response.text();
      if (!response.ok || !/<html/i.test(text))
        throw new Failure("the public address does not serve a page", response.status);
      return `${text.length} bytes of HTML`;
    },
  },
  {
    id: "sign-in",
    title: "administrator signs in",
    blame: "backend",
    run: async ({ client, inputs }) => {
      await client.signIn();
      return inputs.adminEmail;
    },
  },
  {
    id: "token-cache",
    title: "one sign-in serves many calls",
    blame: "backend",
    run: async ({ client, signIns }) => {
      const before = signIns();
      const users = await Promise.all([client.me(), client.me(), client.me()]);
      expectEqual("the number of further sign-ins", signIns() - before, 0);
      return `${users.length} calls, no further sign-in`;
    },
  },
  {
    id: "sweep",
    title: "what an interrupted check left is swept",
    blame: "backend",
    run: async ({ client }) => `${await sweep(client)} work orders`,
  },
  {
    id: "create",
    title: "work order is created",
    blame: "backend",
    run: async (context) => {
      try {
        context.workOrder = await context.client.workOrders.create({
          title: context.title,
          description: "made and deleted by a smoke check",
          priority: "LOW",
        });
      } catch (error) {
        if (error instanceof AtlasLicenseError) throw new Skipped(error.message);
        throw error;
      }
      expectEqual("its status", context.workOrder.status, "OPEN");
      return `id ${context.workOrder.id}`;
    },
  },
  {
    id: "read",
    title: "work order is read",
    blame: "backend",
    run: async (context) => {
      const read = await context.client.workOrders.get(ours(context).id);
      expectEqual("its title", read.title, context.title);
      return read.customId ?? `id ${read.id}`;
    },
  },
  {
    id: "update",
    title: "work order is updated, the rest of it kept",
    blame: "backend",
    run: async (context) => {
      const updated = await context.client.workOrders.update(ours(context).id, { priority: "HIGH" });
      expectEqual("its priority", updated.priority, "HIGH");
      expectEqual("its description", updated.description, ours(context).description);
      return "priority LOW -> HIGH";
    },
  },
  {
    id: "list",
    title: "work order is listed",
    blame: "backend",
    run: async (context) => {
      const { id } = ours(context);
      const page = await context.client.workOrders.list({
        status: ["OPEN"],
        sort: { by: "id", direction: "DESC" },
        pageSize: 20,
      });
      if (!page.content.some((order) => order.id === id))
        throw new Failure(`id ${id} is not among the newest open ones`);
      return `${page.totalElements} open`;
    },
  },
  {
    id: "database",
    title: "the write has reached the database",
    blame: "postgres",
    run: async (context) => {
      const { id } = ours(context);
      // A search is answered by SQL over the stored rows, whatever the server keeps in memory.
      const found = await context.client.workOrders.search(context.title, { pageSize: 5 });
      if (!found.content.some((order) => order.id === id && order.priority === "HIGH"))
        throw new Failure(`a search in the database does not find id ${id} with priority HIGH`);
      return "found by its title";
    },
  },
  {
    id: "complete",
    title: "work order is completed",
    blame: "backend",
    run: async (context) => {
      const done = await context.client.workOrders.complete(ours(context).id, { feedback: "smoke" });
      expectEqual("its status", done.status, "COMPLETE");
      if (!done.completedOn) throw new Failure("it carries no time of completion");
      return "COMPLETE";
    },
  },
  {
    id: "assets",
    title: "assets are searched",
    blame: "backend",
    run: async ({ client }) => `${(await client.assets.search("a", { pageSize: 1 })).totalElements} found`,
  },
  {
    id: "not-found",
    title: "an unknown work order is a 404",
    blame: "backend",
    run: async ({ client }) => {
      const answer = await client.workOrders.get(2_147_483_647).catch((error: unknown) => error);
      if (!(answer instanceof AtlasNotFoundError))
        throw answer instanceof Error ? answer : new Failure("it was found");
      return "404";
    },
  },
  {
    id: "super-admin",
    title: "the default super administrator is refused",
    blame: "backend",
    run: async ({ inputs, dispatcher }) => {
      await using stranger = new AtlasClient({
        ...(dispatcher && { dispatcher }),
        baseUrl: inputs.apiUrl,
        accountType: "SUPER_ADMIN",
        ...defaultSuperAdmin,
      });
      const answer = await stranger.signIn().then(
        () => new Failure("the well-known default password opens it"),
        (error: unknown) => error,
      );
      if (!(answer instanceof AtlasAuthError)) throw answer;
      return "refused";
    },
  },
  {
    id: "door-organisation",
    title: "strangers cannot found an organisation",
    blame: "backend",
    run: ({ inputs, dispatcher }) => organisationDoor(inputs.apiUrl, dispatcher),
  },
  {
    id: "door-role",
    title: "strangers cannot name their own role",
    blame: "backend",
    run: ({ inputs, dispatcher }) => roleDoor(inputs.apiUrl, dispatcher),
  },
  {
    id: "door-demo",
    title: "demo accounts are not given out",
    blame: "ingress",
    run: ({ inputs, dispatcher }) => demoDoor(inputs.apiUrl, dispatcher),
  },
  {
    id: "postgres",
    title: "PostgreSQL is reachable only where meant",
    blame: "postgres",
    run: async ({ inputs }) => {
      const published = (
        await docker(["port", inputs.containers.postgres ?? ""], { host: inputs.engine })
      ).trim();
      const expected = inputs.postgresPort === 0 ? "" : `5432/tcp -> 127.0.0.1:${inputs.postgresPort}`;
      expectEqual("what is published", published, expected);
      if (inputs.postgresPort === 0) return "not published";
      if (typeof inputs.engine === "object") return `${published} on ${inputs.engine.address}`;
      if (inputs.engine && !inputs.engine.startsWith("unix:")) return `${published} on ${inputs.engine}`;
      return onlyOnLoopback(inputs.postgresPort);
    },
  },
  {
    id: "mail",
    title: "the mail server takes connections",
    blame: "backend",
    run: async ({ inputs }) => {
      if (!inputs.mailServer) throw new Skipped("e-mail notifications are off");
      const [host = "", port = ""] = inputs.mailServer.split(":");
      // From inside the backend: without its mail server Atlas refuses work orders that notify somebody.
      await docker(
        [
          "exec",
          inputs.containers.backend ?? "",
          "timeout",
          "10",
          "bash",
          "-c",
          `exec 3<> /dev/tcp/${host}/${port}`,
        ],
        {
          host: inputs.engine,
        },
      ).catch((error: Error) => {
        throw new Failure(`${inputs.mailServer} does not answer the backend: ${error.message}`);
      });
      return inputs.mailServer;
    },
  },
  {
    id: "clean",
    title: "nothing is left behind",
    blame: "backend",
    run: async ({ client }) => {
      await sweep(client);
      const left = await sweep(client);
      expectEqual("the number of work orders left", left, 0);
      return "0 rows";
    },
  },
];
