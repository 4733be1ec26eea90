/** Texts of the YAML as Rust literals. */

export function rustString(text: string): string {
  const escaped = [...text].map((char) => {
    const code = char.codePointAt(0) ?? 0;
    if (char === '"' || char === "\\") return `\\${char}`;
    return code < 0x20 ? `\\u{${code.toString(16)}}` : char;
  });
  return `"${escaped.join("")}"`;
}

/** Bytes of the text as UTF-8, as a `&[u8]`. */
export function rustBytes(text: string): string {
  return `${rustString(text)}.as_bytes()`;
}

export function indent(lines: readonly string[], by = 1): string[] {
  return lines.map((line) => (line === "" ? "" : `${"    ".repeat(by)}${line}`));
}
