/** A pattern of file paths: `*` and `?` stop at a slash, `**` does not; also [abc], [!a-z], {a,b} and \ before any. */
export function glob(pattern: string): RegExp {
  let source = "";
  let depth = 0;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === "\\") source += literal(pattern.charAt(++at));
    else if (character === "*" && pattern[at + 1] === "*") {
      source += ".*";
      while (pattern[at + 1] === "*") at++;
    } else if (character === "*") source += "[^/]*";
    else if (character === "?") source += "[^/]";
    else if (character === "[") {
      const end = pattern.indexOf("]", at);
      if (end < 0) throw new Error(`glob ${pattern}: no ] for the [ at position ${at + 1}`);
      const inside = pattern.slice(at + 1, end);
      const negated = inside.startsWith("!");
      source += `[${negated ? "^" : ""}${inside.slice(negated ? 1 : 0).replace(/[\\^]/g, "\\$&")}]`;
      at = end;
    } else if (character === "{") {
      source += "(?:";
      depth++;
    } else if (character === "}" && depth > 0) {
      source += ")";
      depth--;
    } else if (character === "," && depth > 0) source += "|";
    else source += literal(character);
  }
  if (depth > 0) throw new Error(`glob ${pattern}: a { has no }`);
  return new RegExp(`^${source}$`, "su");
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
}
