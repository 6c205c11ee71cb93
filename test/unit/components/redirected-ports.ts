import { Socket } from "node:net";

/** Connections to these well-known ports, which a test may not take, lead to others instead. */
export function redirectPorts(ports: Record<number, number>): Disposable {
  const original = Socket.prototype.connect;
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
    // net.connect hands over its own, normalised list.
    const options = Array.isArray(args[0]) ? args[0][0] : args[0];
    if (isTarget(options)) options.port = ports[options.port] ?? options.port;
    return Reflect.apply(original, this, args);
  } as typeof original;
  return {
    [Symbol.dispose]() {
      Socket.prototype.connect = original;
    },
  };
}

const isTarget = (options: unknown): options is { port: number } =>
  typeof options === "object" && options !== null && "port" in options;
