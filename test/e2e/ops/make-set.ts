// Makes a set of the deployment that comes in as JSON: a process of its own, to be killed.
import { json } from "node:stream/consumers";
import { makeSet } from "../../../ops/backup/make.ts";
import { deploymentSchema } from "../../../ops/deployment.ts";

const log = { correlationId: "killed", info: console.log, warning: console.log, error: console.log };
await makeSet(deploymentSchema.parse(await json(process.stdin)), "manual", { log });
