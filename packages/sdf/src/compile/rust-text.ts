/** Texts of the YAML as Rust literals. */

export function rustString(text: string): string {
  const escaped = text
    .replaceAll(/["\\]/g, (char) => `\\${char}`)
    // eslint-disable-next-line no-control-regex -- control characters are what is to be escaped
    .replaceAll(/[\u0000-\u001f]/g, (char) => `\\u{${char.charCodeAt(0).toString(16)}}`);
  return `"${escaped}"`;
}

/** Bytes of the text as UTF-8, as a `&[u8]`. */
export function rustBytes(text: string): string {
  return `${rustString(text)}.as_bytes()`;
}

export function indent(lines: readonly string[], by = 1): string[] {
  return lines.map((line) => (line === "" ? "" : `${"    ".repeat(by)}${line}`));
}
