import { readFileSync, writeFileSync } from "node:fs";
import { priceBookFile } from "../components/cost/price-book.ts";
import { apiOf, differences, fetchSizes, formatted, parseFile, table, updated } from "./lib/prices.ts";
import { main, Stop } from "./lib/process.ts";

/** Neither the same nor different: nothing was compared. */
const couldNotCompare = 2;

await main(async () => {
  const [command = "", ...rest] = process.argv.slice(2);
  try {
    if (!["check", "update"].includes(command) || rest.length > 0)
      throw new Stop("Usage: scripts/prices check|update");
    const api = apiOf(process.env);
    const file = parseFile(readFileSync(priceBookFile, "utf8"));
    const sizes = await fetchSizes(api);
    const found = differences(file, sizes);
    if (found.length > 0) console.log(table(found));
    if (command === "check") {
      console.log(
        found.length > 0
          ? `${found.length} differences between the price book of ${file.asOf} and ${api.url}; next: scripts/prices update`
          : `The price book of ${file.asOf} has the prices of all ${sizes.length} sizes of ${api.url}.`,
      );
      return found.length > 0 ? 1 : 0;
    }
    writeFileSync(priceBookFile, formatted(updated(file, sizes, { api: api.url, now: new Date() })));
    console.log(`${priceBookFile} has the ${sizes.length} sizes of ${api.url}; look at it with git diff.`);
    return 0;
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    console.error(error.message);
    return couldNotCompare;
  }
});
