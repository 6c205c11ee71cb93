import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/* A receiver of OTLP over HTTP, and as much of its protobuf messages as the tests look at (opentelemetry-proto 1.x). */

export interface Export {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
}

export type Attributes = Record<string, string | number | boolean>;

export interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly attributes: Attributes;
  /** Of each event, e.g. a recorded exception. */
  readonly events: Attributes[];
  readonly failed: boolean;
  readonly resource: Attributes;
}

export interface ReceivedMetric {
  readonly name: string;
  readonly unit: string;
  /** Count of a histogram, value of a sum. */
  readonly points: { readonly value: number; readonly attributes: Attributes }[];
}

export class OtlpReceiver implements AsyncDisposable {
  readonly exports: Export[] = [];
  readonly #server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    this.exports.push({ path: request.url ?? "", headers: request.headers, bytes: Buffer.concat(chunks) });
    response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
  });

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, "127.0.0.1", resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  to(path: string): Export[] {
    return this.exports.filter((sent) => sent.path === path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** The spans of an ExportTraceServiceRequest. */
export function spansOf(bytes: Buffer): ReceivedSpan[] {
  return messages(bytes, 1).flatMap((resourceSpans) => {
    const resource = attributesOf(messages(resourceSpans, 1)[0] ?? Buffer.alloc(0), 1);
    return messages(resourceSpans, 2)
      .flatMap((scopeSpans) => messages(scopeSpans, 2))
      .map((span) => ({
        name: text(span, 5),
        traceId: bytesOf(span, 1).toString("hex"),
        spanId: bytesOf(span, 2).toString("hex"),
        parentSpanId: bytesOf(span, 4).toString("hex"),
        attributes: attributesOf(span, 9),
        events: messages(span, 11).map((event) => attributesOf(event, 3)),
        failed: messages(span, 15).some((status) => number(status, 3) === 2),
        resource,
      }));
  });
}

/** The metrics of an ExportMetricsServiceRequest. */
export function metricsOf(bytes: Buffer): ReceivedMetric[] {
  return messages(bytes, 1)
    .flatMap((resourceMetrics) => messages(resourceMetrics, 2))
    .flatMap((scopeMetrics) => messages(scopeMetrics, 2))
    .map((metric) => ({
      name: text(metric, 1),
      unit: text(metric, 3),
      points: [
        ...messages(metric, 7)
          .flatMap((sum) => messages(sum, 1))
          .map((point) => ({
            value: number(point, 4) || number(point, 6),
            attributes: attributesOf(point, 7),
          })),
        ...messages(metric, 9)
          .flatMap((histogram) => messages(histogram, 1))
          .map((point) => ({ value: number(point, 4), attributes: attributesOf(point, 9) })),
      ],
    }));
}

function attributesOf(message: Buffer, field: number): Attributes {
  return Object.fromEntries(
    messages(message, field).map((pair) => [
      text(pair, 1),
      attributeValue(messages(pair, 2)[0] ?? Buffer.alloc(0)),
    ]),
  );
}

function attributeValue(anyValue: Buffer): string | number | boolean {
  const [first] = fieldsOf(anyValue);
  if (first === undefined) return "";
  if (Buffer.isBuffer(first.value)) return first.value.toString("utf8");
  return first.field === 2 ? first.value === 1 : first.value;
}

function messages(message: Buffer, field: number): Buffer[] {
  return fieldsOf(message).flatMap((each) =>
    each.field === field && Buffer.isBuffer(each.value) ? [each.value] : [],
  );
}

function bytesOf(message: Buffer, field: number): Buffer {
  return messages(message, field)[0] ?? Buffer.alloc(0);
}

function text(message: Buffer, field: number): string {
  return bytesOf(message, field).toString("utf8");
}

function number(message: Buffer, field: number): number {
  const found = fieldsOf(message).find((each) => each.field === field)?.value;
  return typeof found === "number" ? found : 0;
}

interface Field {
  readonly field: number;
  readonly value: number | Buffer;
}

/** The wire format of protobuf. 64-bit fixed fields are doubles where OTLP has doubles, else whole numbers. */
function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message.readUInt8(at++);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    const kind = tag % 8;
    if (kind === 0) fields.push({ field, value: varint() });
    else if (kind === 1) {
      fields.push({ field, value: fixed64(message, at) });
      at += 8;
    } else if (kind === 2) {
      const length = varint();
      fields.push({ field, value: message.subarray(at, at + length) });
      at += length;
    } else if (kind === 5) {
      fields.push({ field, value: message.readUInt32LE(at) });
      at += 4;
    } else throw new Error(`protobuf wire type ${kind} at byte ${at}`);
  }
  return fields;
}

/** Small whole numbers and doubles share the form: a double's upper half is never 0 unless the double is. */
function fixed64(message: Buffer, at: number): number {
  return message.readUInt32LE(at + 4) === 0 ? message.readUInt32LE(at) : message.readDoubleLE(at);
}
