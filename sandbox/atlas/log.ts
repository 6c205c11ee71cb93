/** Log lines in Spring Boot's console format, to stdout. Callers never pass secrets, tokens or SQL parameters. */
type Level = "INFO" | "WARN" | "ERROR";

export interface Logger {
  info(source: string, message: string): void;
  warn(source: string, message: string): void;
  error(source: string, message: string): void;
}

export function formatLine(level: Level, source: string, message: string, now: Date, pid: number): string {
  const thread = "main".padStart(15);
  return `${now.toISOString()} ${level.padStart(5)} ${pid} --- [${thread}] ${shorten(source).padEnd(40)} : ${message}`;
}

/** Logback abbreviates packages to their first letters when a name exceeds the column. */
function shorten(source: string): string {
  if (source.length <= 40) return source;
  const parts = source.split(".");
  const last = parts.pop() ?? "";
  return [...parts.map((part) => part[0] ?? ""), last].join(".").slice(-40);
}

export function stdoutLogger(): Logger {
  const write = (level: Level) => (source: string, message: string) => {
    process.stdout.write(`${formatLine(level, source, message, new Date(), process.pid)}\n`);
  };
  return { info: write("INFO"), warn: write("WARN"), error: write("ERROR") };
}
