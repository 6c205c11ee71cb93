import { isUtf8 } from "node:buffer";
import { Metadata, status } from "@grpc/grpc-js";
import type { RpcError } from "../bridge/wire.ts";
import type { Log } from "./log.ts";

export type Logging = "stdout" | "stderr" | "stdoutAndStderr" | "none";

export interface Outputs {
  stdout: string;
  stderr: string;
}

type Sink = (chunk: Buffer) => void;

/** Keeps what a command writes, and shows it as it comes as far as `logging` lets it. */
export function capture(log: Log, logging: Logging | undefined) {
  const kept = { stdout: [] as Buffer[], stderr: [] as Buffer[], both: [] as Buffer[] };
  const show = lines((line) => log.status(line));
  const sink = (stream: keyof Outputs): Sink => {
    const shown = (logging ?? "stdoutAndStderr").toLowerCase().includes(stream);
    return (chunk) => {
      kept[stream].push(chunk);
      kept.both.push(chunk);
      if (shown) show.push(chunk);
    };
  };
  return {
    stdout: sink("stdout"),
    stderr: sink("stderr"),
    async end(): Promise<void> {
      show.end();
      await log.sent();
    },
    /** @throws when the output is no text: the engine's protocol has no place for it */
    outputs: (): Outputs => ({ stdout: text(kept.stdout), stderr: text(kept.stderr) }),
    /** Both streams as they came, for an error. */
    all: (): string => Buffer.concat(kept.both).toString(),
  };
}

function text(chunks: Buffer[]): string {
  const bytes = Buffer.concat(chunks);
  if (!isUtf8(bytes)) throw notUtf8;
  return bytes.toString().replace(/\n$/, "");
}

const notUtf8: RpcError = {
  code: status.INTERNAL,
  message: "grpc: error while marshaling: string field contains invalid UTF-8",
  metadata: new Metadata(),
};

/** Cuts bytes into lines before they become text: a character may arrive in two pieces. */
function lines(emit: (line: string) => void) {
  let rest: Buffer = Buffer.alloc(0);
  return {
    push(chunk: Buffer): void {
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        emit(withoutReturn(Buffer.concat([rest, chunk.subarray(start, end)])));
        rest = Buffer.alloc(0);
        start = end + 1;
      }
      rest = Buffer.concat([rest, chunk.subarray(start)]);
    },
    end(): void {
      if (rest.length > 0) emit(withoutReturn(rest));
    },
  };
}

function withoutReturn(line: Buffer): string {
  return line.toString().replace(/\r$/, "");
}
