/** The text without the values. @param values as components/secrets/hide.ts orders them */
export const masked = (text: string, values: string[] = []): string =>
  values.reduce((rest, value) => rest.replaceAll(value, "[secret]"), text);
