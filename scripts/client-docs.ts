import { writeFileSync } from "node:fs";
import path from "node:path";
import { clientReference } from "./lib/client-reference.ts";
import { main, Stop } from "./lib/process.ts";
import { root } from "./lib/root.ts";

await main(async () => {
  if (process.argv.length > 2) throw new Stop("Usage: scripts/client-docs");
  const file = path.join(root, "docs/client.md");
  const text = clientReference();
  writeFileSync(file, text);
  console.log(`${file}: ${text.split("\n").length - 1} lines`);
  return 0;
});
