/** An opening (or empty) tag of an XML document with its attributes, and how deep it lies; or a closing one. */
export interface XmlTag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly kind: "open" | "close" | "empty";
  /** Text between this tag and the next. */
  readonly text: string;
  /** Character position, for error sentences. */
  readonly position: number;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/**
 * Walks the tags of an XML document. Comments, declarations and CDATA markers are skipped; no document type is
 * interpreted and only the five standard entities and character numbers are, so nothing can grow or be fetched.
 */
export function* xmlTags(source: string): Generator<XmlTag> {
  const token =
    /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<[?!][^>]*>|<(\/?)([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/g;
  for (let match = token.exec(source); match !== null; match = token.exec(source)) {
    const [whole, closing, name, attributes = "", empty] = match;
    if (name === undefined) continue;
    const end = match.index + whole.length;
    const next = source.indexOf("<", end);
    yield {
      name,
      attributes: readAttributes(attributes),
      kind: closing === "/" ? "close" : empty === "/" ? "empty" : "open",
      text: unescape(source.slice(end, next < 0 ? end : next)),
      position: match.index,
    };
  }
}

/** Text made safe for an attribute or element. */
export const xmlEscape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

function readAttributes(source: string): Record<string, string> {
  const attributes: [string, string][] = [];
  for (const [, name, double, single] of source.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g))
    attributes.push([name!, unescape(double ?? single ?? "")]);
  return Object.fromEntries(attributes);
}

function unescape(text: string): string {
  return text.replace(/&(#x?[\da-fA-F]{1,6}|\w{2,4});/g, (whole, entity: string) => {
    if (!entity.startsWith("#")) return ENTITIES[entity] ?? whole;
    const code = entity[1] === "x" ? parseInt(entity.slice(2), 16) : parseInt(entity.slice(1), 10);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
