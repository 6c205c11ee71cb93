import { mkdirSync } from "node:fs";
import path from "node:path";
import { packClient } from "./lib/client-package.ts";
import { main, Stop } from "./lib/process.ts";
import { localFolder } from "./lib/root.ts";

await main(async () => {
  const [folder = path.join(localFolder, "client-package"), ...rest] = process.argv.slice(2);
  if (rest.length > 0 || folder.startsWith("-")) throw new Stop("Usage: scripts/pack-client [FOLDER]");
  mkdirSync(folder, { recursive: true });
  const tarball = packClient(path.resolve(folder));
  console.log(`${tarball}\nInstall it with: npm install ${tarball}`);
  return 0;
});
