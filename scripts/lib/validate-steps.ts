// The ten steps of the live validation (A8), as data: what each does, and what it shows.
import { type AtlasClient, AtlasNotFoundError, type WorkOrder } from "../../client/index.ts";

export interface StepContext {
  readonly client: AtlasClient;
  /** Ends the steps, not the cleaning up. */
  readonly signal: AbortSignal;
  /** Sign-ins that the client has sent so far. */
  readonly signIns: () => number;
  /** Title of this run's work order. */
  readonly title: string;
  workOrder?: WorkOrder;
}

export interface Step {
  readonly id: string;
  readonly title: string;
  /** Id of the step without which this one has nothing to look at. */
  readonly needs?: string;
  /** Returns what was seen; throws whatever is wrong. */
  readonly run: (context: StepContext) => Promise<string>;
}

/** The largest id that Atlas' API takes. */
const NOBODYS_ID = 2_147_483_647;

const expectEqual = (what: string, actual: unknown, expected: unknown) => {
  if (actual !== expected)
    throw new Error(`${what} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
};
const ours = ({ workOrder }: StepContext): WorkOrder => {
  if (workOrder === undefined) throw new Error("there is no work order to look at");
  return workOrder;
};

export const steps: readonly Step[] = [
  {
    id: "health",
    title: "Health check",
    run: async ({ client, signal }) => (await client.health({ signal })).message,
  },
  {
    id: "auth",
    title: "Authentication",
    run: async ({ client, signal }) => {
      const { email, role } = await client.me({ signal });
      return `${email}, ${role.name}`;
    },
  },
  {
    id: "token-cache",
    title: "Token cache",
    needs: "auth",
    run: async ({ client, signal, signIns }) => {
      const before = signIns();
      const calls = 3;
      // One after the other, so that the whole validation goes over one connection.
      for (let call = 0; call < calls; call++) await client.me({ signal });
      expectEqual("the number of further sign-ins", signIns() - before, 0);
      return `${calls} calls, no further sign-in`;
    },
  },
  {
    id: "create",
    title: "Create work order",
    needs: "auth",
    run: async (context) => {
      context.workOrder = await context.client.workOrders.create(
        { title: context.title, description: "made and deleted by scripts/validate", priority: "LOW" },
        { signal: context.signal },
      );
      expectEqual("its status", context.workOrder.status, "OPEN");
      return `id ${context.workOrder.id}`;
    },
  },
  {
    id: "get",
    title: "Get work order",
    needs: "create",
    run: async (context) => {
      const { id } = ours(context);
      const read = await context.client.workOrders.get(id, { signal: context.signal });
      expectEqual("its title", read.title, context.title);
      return read.customId ?? `id ${id}`;
    },
  },
  {
    id: "update",
    title: "Update work order",
    needs: "create",
    run: async (context) => {
      const { id, description } = ours(context);
      const { signal } = context;
      const updated = await context.client.workOrders.update(id, { priority: "HIGH" }, { signal });
      expectEqual("its priority", updated.priority, "HIGH");
      expectEqual("its description", updated.description, description);
      return "priority LOW -> HIGH, the rest kept";
    },
  },
  {
    id: "list",
    title: "List work orders",
    needs: "create",
    run: async (context) => {
      const { id } = ours(context);
      const page = await context.client.workOrders.list(
        { status: "OPEN", sort: { by: "id", direction: "DESC" }, pageSize: 20 },
        { signal: context.signal },
      );
      if (!page.content.some((order) => order.id === id))
        throw new Error(`id ${id} is not among the newest open ones`);
      return `${page.totalElements} open`;
    },
  },
  {
    id: "search-assets",
    title: "Search assets",
    needs: "auth",
    run: async ({ client, signal }) => {
      const { totalElements } = await client.assets.search("a", { pageSize: 1 }, { signal });
      return `${totalElements} found`;
    },
  },
  {
    id: "complete",
    title: "Complete work order",
    needs: "create",
    run: async (context) => {
      const { id } = ours(context);
      const { signal } = context;
      const done = await context.client.workOrders.complete(id, { feedback: "validated" }, { signal });
      expectEqual("its status", done.status, "COMPLETE");
      if (done.completedOn === null) throw new Error("it carries no time of completion");
      return `COMPLETE since ${done.completedOn}`;
    },
  },
  {
    id: "errors",
    title: "Error handling (404)",
    needs: "auth",
    run: async ({ client, signal }) => {
      try {
        await client.workOrders.get(NOBODYS_ID, { signal });
      } catch (error) {
        if (error instanceof AtlasNotFoundError) return `AtlasNotFoundError, status ${error.status}`;
        throw error;
      }
      throw new Error(`work order ${NOBODYS_ID} was found`);
    },
  },
];
