/**
 * The JSON that a command of Pulumi's has printed, also behind lines that whoever called it has printed before.
 * @throws Error where there is none, or a stream of events instead
 */
export function parseOutput(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (/^\{"sequence":/m.test(text))
      throw new Error(
        "these are events line by line, which do not say what inputs are made of: unset PULUMI_ENABLE_STREAMING_JSON_PREVIEW",
      );
    const start = text.search(/^\{/m);
    if (start > 0) return parseOutput(text.slice(start));
    throw new Error(`this is no JSON: ${error instanceof Error ? error.message : error}`);
  }
}
