/** Text for HTML and SVG, inside of elements and of attributes in quotes; control characters are the caller's to remove. */
export const escapeMarkup = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
