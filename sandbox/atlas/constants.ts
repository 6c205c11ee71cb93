/** Enums in their declared order: columns hold the position, so sorting by them follows this order. */
export const STATUSES = ["OPEN", "IN_PROGRESS", "ON_HOLD", "COMPLETE"] as const;
export const PRIORITIES = ["NONE", "LOW", "MEDIUM", "HIGH"] as const;
export const ASSET_STATUSES = [
  "OPERATIONAL",
  "DOWN",
  "MODERNIZATION",
  "STANDBY",
  "INSPECTION_SCHEDULED",
  "COMMISSIONING",
  "EMERGENCY_SHUTDOWN",
] as const;

export type Status = (typeof STATUSES)[number];
export type Priority = (typeof PRIORITIES)[number];
export type AssetStatus = (typeof ASSET_STATUSES)[number];

export const COMPLETE = STATUSES.indexOf("COMPLETE");
export const DOWN = ASSET_STATUSES.indexOf("DOWN");
export const OPERATIONAL = ASSET_STATUSES.indexOf("OPERATIONAL");
