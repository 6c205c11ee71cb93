import { expect, test } from "vitest";
import { type AuditEntry, auditText } from "../../../ops/audit.ts";

const entry = (change: Partial<AuditEntry>): AuditEntry => ({
  time: "2026-11-21T16:45:00.123Z",
  user: "ada",
  host: "desk",
  act: "up",
  result: "ok",
  seconds: 12.34,
  correlationId: "0123",
  ...change,
});

test("the audit log in columns", () => {
  const text = auditText([
    entry({ subject: "v1.9.0" }),
    entry({ act: "rollback", result: "failed", seconds: 1, subject: "v1.8.0", error: "no set" }),
  ]);
  expect(text).toBe(
    [
      "2026-11-21 16:45:00  ada@desk  up        ok      12.3 s  v1.9.0",
      "2026-11-21 16:45:00  ada@desk  rollback  failed  1.0 s   v1.8.0: no set",
    ].join("\n"),
  );
  expect(auditText([])).toBe("nothing yet");
});
