import { appendFileSync, chmodSync, closeSync, openSync, renameSync, statSync } from "node:fs";

const mostBytes = 4 * 1024 * 1024;

/** A log that only its owner reads and that does not grow without end: it begins anew and keeps one old part. */
export class LogFile {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
    closeSync(openSync(file, "a", 0o600));
    chmodSync(file, 0o600);
  }

  write(source: string, line: string): void {
    if (statSync(this.file).size > mostBytes) renameSync(this.file, `${this.file}.1`);
    const text = `${new Date().toISOString()} ${source}: ${line.slice(0, 4000)}\n`;
    appendFileSync(this.file, text, { mode: 0o600 });
  }
}
