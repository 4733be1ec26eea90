/** Reads declarations together with the comments above them: they are the documentation already. */

export interface Declared {
  readonly name: string;
  readonly type: string;
  readonly comment: string;
  /** Declared within an object type of the one above. */
  readonly depth: number;
}

export interface DeclaredShape {
  readonly name: string;
  readonly comment: string;
  readonly fields: readonly Declared[];
}

const SHAPE =
  /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?export interface (\w+)[^{]*\{\n([\s\S]*?)\n\}/g;
const FIELD = /^( +)readonly (\w+\??): (.*)$/;

/** Every exported interface of a file, as the formatter writes them. */
export function shapesIn(source: string): DeclaredShape[] {
  return [...source.matchAll(SHAPE)].map(([, comment = "", name = "", body = ""]) => ({
    name,
    comment: plain(comment),
    fields: fieldsIn(body),
  }));
}

function fieldsIn(body: string): Declared[] {
  const fields: Declared[] = [];
  let comment: string[] = [];
  let inComment = false;
  for (const line of body.split("\n")) {
    const text = line.trim();
    if (text.startsWith("/**")) inComment = true;
    if (inComment) {
      comment.push(text);
      inComment = !text.endsWith("*/");
      continue;
    }
    const [, indent = "", name = "", type = ""] = FIELD.exec(line) ?? [];
    if (name !== "") {
      const depth = indent.length / 2 - 1;
      fields.push({ name, type: typeText(type), comment: plain(comment.join("\n")), depth });
    }
    comment = [];
  }
  return fields;
}

function typeText(type: string): string {
  const whole = type.replace(/;$/, "");
  return whole.endsWith("{")
    ? whole.replace(/\{$/, "object").replace("readonly ", "list of ")
    : whole.replace("readonly ", "");
}

/** A comment's words, without its stars. */
export function plain(comment: string): string {
  return comment
    .replaceAll(/\/\*\*|\*\//g, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trim())
    .filter((line) => line !== "")
    .join(" ");
}

/** Entries `name: value` of an object literal with a comment above each. */
export function commentedEntries(source: string, objectName: string): Map<string, string> {
  const start = source.indexOf(`export const ${objectName} = {`);
  const body = source.slice(start, source.indexOf("\n}", start));
  const found = new Map<string, string>();
  for (const [, comment = "", name = ""] of body.matchAll(
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(\w+):/g,
  )) {
    found.set(name, plain(comment));
  }
  return found;
}
