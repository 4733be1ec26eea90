/** Tables as CSV (RFC 4180). */

/**
 * Writes rows of cells. A cell that a spreadsheet would take for a formula gets a leading
 * apostrophe: ids come from players' devices.
 */
export function csvOf(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => cells.map(cellOf).join(",")).join("\r\n");
}

function cellOf(text: string): string {
  const safe = /^[=+@\t\r]|^-(?![\d$])/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
