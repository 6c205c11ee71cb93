/** `createdAt` and `updatedAt` of records. */
export function auditDate(date: Date): string {
  return date.toISOString();
}

/** Every other date of a response. */
export function plainDate(date: Date | null): string | null {
  return date === null ? null : date.toISOString().replace("Z", "+00:00");
}

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?(?:\.(\d{1,9}))?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/;

/** A date of a request body as Jackson reads it; undefined when it cannot be read. */
export function parseRequestDate(value: string | number): Date | undefined {
  if (typeof value === "number") return Number.isInteger(value) ? validDate(value) : undefined;
  const text = value.trim();
  if (/^-?\d+$/.test(text)) return validDate(Number(text));
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "0", zone = "Z"] = match;
  const millis = Number(fraction.padEnd(3, "0").slice(0, 3));
  const utc = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    millis,
  );
  return validDate(utc - zoneOffset(zone));
}

/** A search value with `enumName: JS_DATE`; anything but the full form matches nothing. */
export function parseJsDate(text: string): Date | undefined {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(text) ? parseRequestDate(text) : undefined;
}

function zoneOffset(zone: string): number {
  if (zone === "Z") return 0;
  const digits = zone.slice(1).replace(":", "");
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || "0");
  return (zone.startsWith("-") ? -1 : 1) * minutes * 60_000;
}

function validDate(epoch: number): Date | undefined {
  const date = new Date(epoch);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
