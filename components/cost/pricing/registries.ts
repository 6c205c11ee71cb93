import { faultOf, isFault, readText } from "./inputs.ts";
import { above, each, line, usageLine } from "./line.ts";

/** Container registries, by subscription tier; storage above the tier's is usage. */
export const registries = each((resource, { book, usageOf }) => {
  const tier = readText(resource.inputs, "subscriptionTierSlug");
  const tiers = book.containerRegistry;
  const plan = !isFault(tier) && Object.hasOwn(tiers, tier) ? tiers[tier] : undefined;
  if (!plan) {
    const fault = isFault(tier)
      ? tier
      : faultOf("subscriptionTierSlug", tier, Object.keys(tiers).join(" or "));
    return [line(book, { label: "Container registry", unit: "registry", price: fault })];
  }
  const { monthly, storageGiB, ...read } = plan;
  const stored = usageOf(resource).storage_gib;
  return [
    line(book, { label: `Container registry ${tier}`, unit: "registry", price: { price: monthly, ...read } }),
    ...(storageGiB
      ? [
          usageLine(book, {
            label: `Storage above ${storageGiB}`,
            unit: "GiB",
            quantity: stored && above(stored, storageGiB),
            price: book.containerRegistryStorageGiB,
          }),
        ]
      : []),
  ];
});
