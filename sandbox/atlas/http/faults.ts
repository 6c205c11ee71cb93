import pg from "pg";
import { DatabaseUnavailable } from "../database/database.ts";
import type { Logger } from "../log.ts";
import { ApiError } from "./api-error.ts";
import { failure, type Reply } from "./reply.ts";

const LOG = "com.grash.exception.GlobalExceptionHandlerController";

/** What a caller gets for whatever a handler threw. */
export function faultReply(fault: unknown, log: Logger): Reply {
  if (fault instanceof ApiError) {
    if (fault.status >= 500) log.error(LOG, firstLine(fault.message));
    return failure(fault.status, fault.message);
  }
  if (fault instanceof DatabaseUnavailable) {
    log.error(LOG, `HikariPool-1 - ${fault.message}`);
    return failure(500, "Could not open JPA EntityManager for transaction");
  }
  if (fault instanceof pg.DatabaseError) {
    log.error(LOG, `could not execute statement [ERROR: ${fault.message}] (${fault.code})`);
    return failure(500, statementFault(fault));
  }
  log.error(LOG, fault instanceof Error ? (fault.stack ?? fault.message) : String(fault));
  return failure(500, fault instanceof Error ? fault.message : null);
}

/** Only a foreign key's detail is told: others may quote a whole row, password hash included. */
function statementFault(fault: pg.DatabaseError): string {
  const detail = fault.code === "23503" ? `\n  Detail: ${fault.detail}` : "";
  const table = fault.table === undefined ? "" : ` [insert into ${fault.table} (…) values (…)]`;
  const constraint = fault.constraint === undefined ? "" : `; constraint [${fault.constraint}]`;
  return `could not execute statement [ERROR: ${fault.message}${detail}]${table}; SQL [n/a]${constraint}`;
}

function firstLine(message: string): string {
  return message.split("\n", 1)[0] ?? "";
}
