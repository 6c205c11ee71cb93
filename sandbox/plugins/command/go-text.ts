/** Texts as the original, a Go program, writes them. */

const NAMED: Record<string, string> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  '"': '\\"',
  "\\": "\\\\",
};

/** Go's %q. */
export function quoted(text: string): string {
  const escaped = text.replace(/["\\]|[\p{C}\p{Z}]/gu, (character) => {
    if (character === " ") return character;
    const named = NAMED[character];
    if (named !== undefined) return named;
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) return `\\x${hex(code, 2)}`;
    return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
  });
  return `"${escaped}"`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}

const ERRNO: Record<string, string> = {
  E2BIG: "argument list too long",
  EACCES: "permission denied",
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset by peer",
  EHOSTUNREACH: "no route to host",
  EISDIR: "is a directory",
  ENETUNREACH: "network is unreachable",
  ENOENT: "no such file or directory",
  ENOEXEC: "exec format error",
  ENOTDIR: "not a directory",
  EPIPE: "broken pipe",
  ETIMEDOUT: "connection timed out",
};

/** What the system said, without Node's own words around it. */
export function systemText(error: Error): string {
  const code = "code" in error ? String(error.code) : "";
  return ERRNO[code] ?? error.message;
}

/** An error of the file system: Go names the call and the path. */
export function pathError(error: Error): Error {
  const call = "syscall" in error ? String(error.syscall) : "open";
  const path = "path" in error ? ` ${error.path}` : "";
  return new Error(`${call}${path}: ${systemText(error)}`, { cause: error });
}

const SIGNALS: Partial<Record<NodeJS.Signals, string>> = {
  SIGABRT: "aborted",
  SIGALRM: "alarm clock",
  SIGBUS: "bus error",
  SIGFPE: "floating point exception",
  SIGHUP: "hangup",
  SIGILL: "illegal instruction",
  SIGINT: "interrupt",
  SIGKILL: "killed",
  SIGPIPE: "broken pipe",
  SIGQUIT: "quit",
  SIGSEGV: "segmentation fault",
  SIGTERM: "terminated",
  SIGTRAP: "trace/breakpoint trap",
  SIGUSR1: "user defined signal 1",
  SIGUSR2: "user defined signal 2",
};

/** How a process of this machine ended. */
export function exitText(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `exit status ${code}` : `signal: ${SIGNALS[signal] ?? signal}`;
}

/** Why an operation was ended from outside. */
export function endedText(signal: AbortSignal): string {
  const { reason } = signal;
  if (reason instanceof DOMException && reason.name === "TimeoutError") return "context deadline exceeded";
  return "context canceled";
}
