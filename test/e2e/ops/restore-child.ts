// A restore in a process of its own, which a test kills: node restore-child.ts DEPLOYMENT-FILE SET
import { readFileSync } from "node:fs";
import { deploymentSchema } from "../../../ops/deployment.ts";
import { restore } from "../../../ops/restore/restore.ts";
import { localStore } from "../../../ops/stores/stores.ts";

const [file = "", id = ""] = process.argv.slice(2);
const deployment = deploymentSchema.parse(JSON.parse(readFileSync(file, "utf8")));
const say = (message: string) => process.stdout.write(`${message}\n`);
const log = { correlationId: "child", info: say, warning: say, error: say };
await restore(deployment, localStore(deployment), id, { yes: true, log });
