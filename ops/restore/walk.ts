// What is done on an Atlas that was booted on restored data: signs in, reads, writes, and gets a file's bytes.
import { createHash } from "node:crypto";
import { request } from "node:http";
import { AtlasClient, AtlasLicenseError, type WorkOrder } from "../../client/index.ts";
import { bucket } from "../../components/services/storage.ts";
import type { Check } from "./checks.ts";

export interface WalkInputs {
  /** Straight to the backend's container. */
  apiUrl: string;
  email: string;
  password: string;
  /** That this administrator's organisation has in the database. */
  workOrders: number;
  /** Key -> SHA-256 of the objects of the set; undefined without an object store. */
  objects?: ReadonlyMap<string, string>;
  /** Address of the object store's container, with port. */
  storage?: { address: string; port: number };
}

interface Walk {
  inputs: WalkInputs;
  client: AtlasClient;
  order?: WorkOrder;
}

const mark = "[atlas-drill]";

const steps: { title: string; run: (walk: Walk) => Promise<string> }[] = [
  {
    title: "an administrator signs in",
    run: async ({ client, inputs }) => {
      await client.signIn();
      return inputs.email;
    },
  },
  {
    title: "all work orders are listed",
    run: async ({ client, inputs }) => {
      const { totalElements } = await client.workOrders.list({ pageSize: 1, includeArchived: true });
      expectEqual("their number", totalElements, inputs.workOrders);
      return `${totalElements}`;
    },
  },
  {
    title: "a work order is created",
    run: async (walk) => {
      walk.order = await created(walk.client);
      return `id ${walk.order.id}`;
    },
  },
  {
    title: "it is completed",
    run: async (walk) => {
      const done = await walk.client.workOrders.complete(ours(walk).id, { feedback: "drill" });
      expectEqual("its status", done.status, "COMPLETE");
      return done.status;
    },
  },
  {
    title: "it is deleted",
    run: async (walk) => {
      await walk.client.workOrders.delete(ours(walk).id);
      const { totalElements } = await walk.client.workOrders.list({ pageSize: 1, includeArchived: true });
      expectEqual("the number of work orders", totalElements, walk.inputs.workOrders);
      return "gone";
    },
  },
  { title: "a file is read", run: fileRead },
];

/** Does the steps one after the other. @throws CheckFailed at the first that fails */
export async function walkThrough(inputs: WalkInputs, check: Check): Promise<void> {
  await using client = new AtlasClient({
    baseUrl: inputs.apiUrl,
    email: inputs.email,
    password: inputs.password,
    rateLimits: false,
  });
  const walk: Walk = { inputs, client };
  for (const { title, run } of steps) await check(title, () => run(walk), String);
}

function expectEqual(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${what} is ${actual}, not ${expected}`);
}

function ours({ order }: Walk): WorkOrder {
  if (order) return order;
  throw new Error("no work order was created");
}

/** Without a licence thirty may be open; a restored Atlas may have them, and one of the copy is completed then. */
async function created(client: AtlasClient): Promise<WorkOrder> {
  const order = { title: `${mark} ${new Date().toISOString()}`, priority: "LOW" } as const;
  try {
    return await client.workOrders.create(order);
  } catch (error) {
    if (!(error instanceof AtlasLicenseError)) throw error;
    const [open] = (await client.workOrders.list({ status: ["OPEN"], pageSize: 1 })).content;
    if (!open) throw error;
    await client.workOrders.complete(open.id);
    return client.workOrders.create(order);
  }
}

/** By the address that Atlas gives out for it, signature and all. */
async function fileRead({ client, inputs }: Walk): Promise<string> {
  if (!inputs.objects || !inputs.storage) return "no object store";
  const [file] = (await client.files.list({ pageSize: 1 })).content;
  if (!file?.url) return "Atlas knows no file";
  const url = new URL(file.url);
  const key = decodeURIComponent(url.pathname).slice(`/${bucket}/`.length);
  const expected = inputs.objects.get(key);
  if (!expected) throw new Error(`the set holds no object for file ${file.id}, ${key}`);
  expectEqual(`the SHA-256 of ${key}`, await sha256Of(url, inputs.storage), expected);
  return key;
}

/** The signature covers the host name, which only containers resolve: it is sent, and the address is dialled. */
function sha256Of(url: URL, { address, port }: { address: string; port: number }): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: address, port, path: `${url.pathname}${url.search}`, headers: { host: url.host } },
      (answer) => {
        if (answer.statusCode !== 200) {
          answer.resume();
          return reject(new Error(`the object store answers ${answer.statusCode} for ${url.pathname}`));
        }
        const hash = createHash("sha256");
        answer.on("data", (chunk: Buffer) => hash.update(chunk));
        answer.once("error", reject);
        answer.once("end", () => resolve(hash.digest("hex")));
      },
    );
    asked.setTimeout(30_000, () => asked.destroy(new Error(`${url.pathname} was not sent within 30 s`)));
    asked.once("error", reject);
    asked.end();
  });
}
