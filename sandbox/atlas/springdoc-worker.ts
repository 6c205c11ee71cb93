/** Keeps a core busy, as the original's endless OpenAPI generation does. */
import { workerData } from "node:worker_threads";

const end = Date.now() + Number(workerData);
while (Date.now() < end) Math.random();
