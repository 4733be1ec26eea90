/** Small pieces of Markdown. */

/** A table; `|` in cells is escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

export function code(text: string): string {
  return `\`${text}\``;
}

/** Blocks with an empty line between them, and one at the end of the file. */
export function page(...blocks: readonly string[]): string {
  return `${blocks.join("\n\n")}\n`;
}

/** Says where a page comes from, so that nobody corrects it by hand. */
export function madeFrom(source: string): string {
  return `<!-- Made from ${source} by \`npm run docs\`. -->`;
}
