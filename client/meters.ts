import { type Counter, type Histogram, type MeterProvider, metrics } from "@opentelemetry/api";

/** Name under which the client's spans and metrics are kept apart from others'. */
export const INSTRUMENTATION = "atlas-client";

export interface Instruments {
  readonly duration: Histogram;
  readonly errors: Counter;
  readonly retries: Counter;
  readonly signIns: Counter;
  readonly cachedTokens: Counter;
}

let made: { readonly provider: MeterProvider; readonly instruments: Instruments } | undefined;

/**
 * The instruments of the meter provider that is registered now. The API gives out dead ones for good until a provider
 * is there, so they are made anew when it changes: a client may be older than the set-up of its metrics.
 */
export function instruments(): Instruments {
  const provider = metrics.getMeterProvider();
  if (made?.provider !== provider) made = { provider, instruments: makeInstruments(provider) };
  return made.instruments;
}

function makeInstruments(provider: MeterProvider): Instruments {
  const meter = provider.getMeter(INSTRUMENTATION);
  return {
    duration: meter.createHistogram("atlas.client.operation.duration", {
      unit: "s",
      description: "Duration of an operation, with its retries and pauses.",
      // Those of the semantic conventions for HTTP clients.
      advice: {
        explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
      },
    }),
    errors: meter.createCounter("atlas.client.operation.errors", {
      unit: "{operation}",
      description: "Operations that failed.",
    }),
    retries: meter.createCounter("atlas.client.retries", {
      unit: "{request}",
      description: "Requests that repeated one which had failed.",
    }),
    signIns: meter.createCounter("atlas.client.sign_ins", {
      unit: "{sign_in}",
      description: "Tokens obtained, by password or by refresh token.",
    }),
    cachedTokens: meter.createCounter("atlas.client.cached_tokens", {
      unit: "{operation}",
      description: "Operations that found a valid token at hand.",
    }),
  };
}
