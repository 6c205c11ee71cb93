export interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  text: string;
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replaceAll(/&([^;\s]*);?/g, (reference, name: string) => {
    const code = /^#(?:x([0-9a-f]+)|(\d+))$/i.exec(name);
    if (code) return String.fromCodePoint(code[1] ? Number.parseInt(code[1], 16) : Number(code[2]));
    const plain = entities[name];
    if (plain === undefined || !reference.endsWith(";")) throw new Error(`not an entity: ${reference}`);
    return plain;
  });
}

/** Reads a document as strictly as XML 1.0 wants it (without doctypes, comments and CDATA). @throws where it is wrong */
export function parseXml(document: string): Element {
  const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.exec(document);
  if (forbidden) throw new Error(`character ${forbidden[0].codePointAt(0)} is not allowed in XML`);
  const body = document.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, "");
  if (body === document) throw new Error("no XML declaration");
  const root: Element = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  for (const [, tag, text = ""] of body.matchAll(/<([^>]*)>|([^<]+)/g)) {
    const here = open.at(-1) ?? root;
    if (tag === undefined) here.text += unescapeXml(text);
    else if (tag.startsWith("/")) {
      if (open.pop()?.name !== tag.slice(1)) throw new Error(`unexpected <${tag}>`);
    } else {
      const element = parseTag(tag.replace(/\/$/, ""));
      here.children.push(element);
      if (!tag.endsWith("/")) open.push(element);
    }
  }
  const [top, ...others] = root.children;
  if (open.length !== 1 || !top || others.length > 0 || root.text.trim() !== "")
    throw new Error("not one element");
  return top;
}

function parseTag(tag: string): Element {
  const match = /^([a-z]+)((?: [a-z]+="[^"<]*")*)$/.exec(tag);
  if (!match) throw new Error(`not a tag: <${tag}>`);
  const [, name = "", rest = ""] = match;
  const attributes: Record<string, string> = {};
  for (const [, key = "", value = ""] of rest.matchAll(/ ([a-z]+)="([^"]*)"/g)) {
    if (key in attributes) throw new Error(`${key} twice in <${tag}>`);
    attributes[key] = unescapeXml(value);
  }
  return { name, attributes, children: [], text: "" };
}
