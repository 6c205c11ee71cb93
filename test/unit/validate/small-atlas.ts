import { asset, ME, page, refusal, SIGN_IN, signedIn, USER, workOrder } from "../client/fixtures.ts";
import { type Received, type Reply, ScriptedServer } from "../client/scripted-server.ts";

type Row = Record<string, unknown> & { id: number; status: string };

const IDS = Array.from({ length: 50 }, (_, index) => index + 1);

/**
 * A scripted server with a memory: work orders 1 to 50 as far as the ten steps and the recipes go, and one asset.
 * Individual routes can be scripted anew by a test.
 */
export class SmallAtlas implements AsyncDisposable {
  readonly server: ScriptedServer;
  readonly orders = new Map<number, Row>();

  static async start(): Promise<SmallAtlas> {
    return new SmallAtlas(await ScriptedServer.start());
  }

  private constructor(server: ScriptedServer) {
    this.server = server;
    server
      .on("GET /health-check", { json: { success: true, message: "Server is up and running" } })
      .on(SIGN_IN, signedIn)
      .on(ME, { json: USER })
      .on("POST /work-orders", ({ body }) => this.create(body))
      .on("POST /work-orders/search", ({ body }) => this.#search(body))
      .on("POST /assets/search", { json: page([asset()]) })
      .on("GET /work-orders/2147483647", refusal(404, "Not found"));
    for (const id of IDS) {
      server
        .on(`GET /work-orders/${id}`, () => this.#found(id))
        .on(`PATCH /work-orders/${id}`, ({ body }) => this.#change(id, body))
        .on(`PATCH /work-orders/${id}/change-status`, ({ body }) => this.#change(id, completed(body)))
        .on(`DELETE /work-orders/${id}`, () => this.#delete(id));
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.server[Symbol.asyncDispose]();
  }

  /** Makes a work order of a request's body, as `POST /work-orders` does. */
  create(body: Received["body"]): Reply {
    const id = this.orders.size + 1;
    this.orders.set(id, workOrder({ id, customId: `WO${String(id).padStart(6, "0")}`, ...fields(body) }));
    return this.#found(id);
  }

  #found(id: number): Reply {
    const order = this.orders.get(id);
    return order === undefined ? refusal(404, "Not found") : { json: order };
  }

  #change(id: number, body: Received["body"]): Reply {
    const order = this.orders.get(id);
    if (order !== undefined) this.orders.set(id, { ...order, ...fields(body) });
    return this.#found(id);
  }

  #delete(id: number): Reply {
    return this.orders.delete(id)
      ? { json: { success: true, message: "Deleted successfully" } }
      : refusal(404, "WorkOrder not found");
  }

  /** Knows the filters by status and by "beyond this id", and the size of a page. */
  #search(body: Received["body"]): Reply {
    const { filterFields, pageSize, direction } = body as Criteria;
    const statuses = filterFields.find(({ field }) => field === "status")?.values;
    const beyond = filterFields.find(({ field }) => field === "id")?.value ?? 0;
    const found = [...this.orders.values()]
      .filter(({ id, status }) => id > beyond && (statuses?.includes(status) ?? true))
      .sort((a, b) => (direction === "DESC" ? b.id - a.id : a.id - b.id));
    return {
      json: page(found.slice(0, pageSize), {
        totalElements: found.length,
        totalPages: Math.ceil(found.length / pageSize),
        size: pageSize,
        last: found.length <= pageSize,
      }),
    };
  }
}

interface Criteria {
  filterFields: { field: string; value?: number; values?: string[] }[];
  pageSize: number;
  direction: "ASC" | "DESC";
}

/** What a body says, references as Atlas gives them back: with their names. */
function fields(body: unknown): Partial<Row> {
  const given: Record<string, unknown> = typeof body === "object" && body !== null ? { ...body } : {};
  return { ...given, ...(given.asset != null && { asset: asset() }) };
}

function completed(body: unknown): Partial<Row> {
  const change = fields(body);
  return { ...change, completedOn: change.status === "COMPLETE" ? new Date().toISOString() : null };
}
