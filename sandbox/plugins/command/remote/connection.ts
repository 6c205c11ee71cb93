/** Where and how to log in, as the inputs give it after Check has filled in the defaults. */
export interface Endpoint {
  host: string;
  port?: number;
  user?: string;
  password?: string;
  privateKey?: string;
  privateKeyPassword?: string;
  agentSocketPath?: string;
  dialErrorLimit?: number;
  perDialTimeout?: number;
  hostKey?: string;
}

export interface Connection extends Endpoint {
  proxy?: Endpoint;
}

export function portOf(endpoint: Endpoint): number {
  return Math.trunc(endpoint.port ?? 22);
}

/** host:port as Go joins them: an IPv6 address gets brackets. */
export function address(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
