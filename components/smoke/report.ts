// What the checks found, and how people and programs read it.

export interface CheckResult {
  id: string;
  title: string;
  status: "PASS" | "FAIL" | "SKIP";
  milliseconds: number;
  /** What was seen (PASS), why it was not looked at (SKIP), or what is wrong (FAIL). */
  detail: string;
  /** HTTP status of the answer that failed the check, if there was one. */
  httpStatus?: number;
  /** Container at fault with its last log lines and the next command. */
  blame?: string;
}

export interface ServiceHealth {
  name: string;
  container: string;
  image: string;
  health: string;
}

export interface SmokeReport {
  time: string;
  url: string;
  /** Atlas tells no version; the backend's image is what is known. */
  version: string;
  passed: number;
  failed: number;
  skipped: number;
  milliseconds: number;
  checks: CheckResult[];
  services: ServiceHealth[];
}

const firstLine = (text: string) => text.split("\n")[0];

/** One line a check, a total at the end. */
export function table(report: SmokeReport): string {
  const width = Math.max(...report.checks.map((check) => check.title.length));
  const rows = report.checks.map((check) =>
    `${check.status}  ${check.title.padEnd(width)}  ${`${check.milliseconds} ms`.padStart(8)}  ${firstLine(check.detail)}`.trimEnd(),
  );
  return [...rows, total(report)].join("\n");
}

export const total = (report: SmokeReport): string =>
  `${report.passed} passed, ${report.failed} failed, ${report.skipped} skipped in ${(report.milliseconds / 1000).toFixed(1)} s`;

/** The message that fails an up: the table, then the first failure with all that is known of it. */
export function failureText(report: SmokeReport): string {
  const first = report.checks.find((check) => check.status === "FAIL");
  return [
    `smoke check failed at ${report.url}: ${first?.title}`,
    `  ${first?.httpStatus ? `HTTP ${first.httpStatus}: ` : ""}${first?.detail}`,
    ...(first?.blame ? [`  ${first.blame}`] : []),
    table(report).replaceAll(/^/gm, "  "),
    "next: mend the cause and run the up again; scripts/smoke repeats the checks alone",
  ].join("\n");
}

const escapeXml = (text: string) =>
  text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");

/** JUnit XML, as CI systems read it. */
export function junit(report: SmokeReport): string {
  const cases = report.checks.map((check) => {
    const open = `    <testcase classname="atlas.smoke" name="${escapeXml(check.title)}" time="${check.milliseconds / 1000}"`;
    if (check.status === "PASS") return `${open}/>`;
    const inner =
      check.status === "SKIP"
        ? `<skipped message="${escapeXml(check.detail).replaceAll("\n", "&#10;")}"/>`
        : `<failure message="${escapeXml(check.detail).replaceAll("\n", "&#10;")}">${escapeXml(check.blame ?? "")}</failure>`;
    return `${open}>${inner}</testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<testsuites>",
    `  <testsuite name="atlas smoke" timestamp="${report.time}" tests="${report.checks.length}" failures="${report.failed}" skipped="${report.skipped}" time="${report.milliseconds / 1000}">`,
    ...cases,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}
