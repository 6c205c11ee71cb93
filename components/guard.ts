// Stands between what the program declares and the engine: nothing is registered, in a preview or an up, before
// policies and budget have been looked at. What it looks at is the program's own resources, not a second list of them.
import * as pulumi from "@pulumi/pulumi";
import type { AtlasConfig } from "./config.ts";
import { dropletDefaults } from "./config-schema-droplet.ts";
import { alternatives } from "./cost/alternatives.ts";
import { judge, mayGoOn, verdictText } from "./cost/budget.ts";
import { type Estimate, estimate, unpriced } from "./cost/estimate.ts";
import { footprint } from "./cost/footprint.ts";
import { type CostOutput, costOutput } from "./cost/output.ts";
import { declaredResources } from "./cost/plan/declared.ts";
import { ageInDays, priceBook } from "./cost/price-book.ts";
import type { PlannedResource } from "./cost/resource.ts";
import { violations, violationText } from "./policies.ts";

/** The plan is sound, and not wanted: by a policy, or for its price. */
export class PlanRefused extends pulumi.RunError {
  override name = "PlanRefused";
}

export class Guard {
  /** For `dependsOn` of the program's top component: without its URN no child is registered either. */
  readonly approval: Promise<pulumi.Resource[]>;
  private readonly declared: PlannedResource[];
  private readonly letThrough: (nothing: []) => void;

  /** Sees what is declared from now on. */
  constructor() {
    this.declared = declaredResources();
    const { promise, resolve } = Promise.withResolvers<pulumi.Resource[]>();
    this.approval = promise;
    this.letThrough = resolve;
  }

  /**
   * Lets what was declared be registered.
   * @returns what it costs
   * @throws PlanRefused with all reasons; then nothing is registered
   */
  approve(config: AtlasConfig): CostOutput {
    const book = priceBook();
    const bill = estimate(this.declared, book);
    const reasons = [
      ...violations(this.declared, policyContext(config)).map(violationText),
      ...this.overBudget(bill, config),
    ];
    if (reasons.length > 0) throw new PlanRefused(`Nothing was made or changed.\n${reasons.join("\n")}`);
    warnOfAge(ageInDays(book, new Date()), config.priceBookMaxAge);
    this.letThrough([]);
    return costOutput(
      bill,
      config.budget,
      config.droplet ? undefined : footprint(this.declared, book, dropletDefaults),
    );
  }

  private overBudget(bill: Estimate, { budget }: AtlasConfig): string[] {
    if (!budget) {
      const names = unpriced(bill).map(({ name }) => name);
      if (names.length > 0) pulumi.log.warn(`No price is known for ${names.join(", ")}.`);
      return [];
    }
    const others = alternatives(this.declared, priceBook(), pulumi.getStack());
    const verdict = judge(bill, budget, others);
    const text = verdictText(verdict, bill);
    if (!mayGoOn(verdict)) return [text];
    if (verdict.status === "warning") pulumi.log.warn(text);
    return [];
  }
}

const policyContext = ({ droplet }: AtlasConfig) => ({
  production: droplet !== undefined,
  backupsWaiver: droplet?.backupsWaiver ?? "",
});

function warnOfAge(days: number, maxDays: number): void {
  if (days <= maxDays) return;
  pulumi.log.warn(
    `The price book is ${days} days old (atlas:priceBookMaxAge is ${maxDays}). Compare it: npm run prices:check`,
  );
}
