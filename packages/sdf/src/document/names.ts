/** How names of the YAML become names in Rust: types CamelCase, everything else snake_case. */

const KEYWORDS = new Set(
  (
    "abstract as async await become box break const continue do dyn else enum extern false final fn for if impl in let loop " +
    "macro match mod move mut override priv pub ref return static struct trait true try type typeof unsafe unsized use " +
    "virtual where while yield"
  ).split(" "),
);
/** Keywords that cannot be written as `r#…`. */
const RESERVED = new Set(["self", "super", "crate", "Self"]);

/** `vehicle-data` to `VehicleData`; capitals inside a word stay. */
export function camelCase(name: string): string {
  return name
    .split(/[-_ ]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}

/** `image-url` and `imageUrl` to `image_url`; this is also the field's name in JSON, as serde has it. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[- ]+/g, "_")
    .toLowerCase();
}

/** A snake_case identifier that Rust accepts, with `r#` where it is a keyword. */
export function identifier(name: string): string {
  const snake = snakeCase(name);
  if (RESERVED.has(snake)) return `${snake}_`;
  return KEYWORDS.has(snake) ? `r#${snake}` : snake;
}

/** Whether the name can become an identifier at all. */
export function isName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(name);
}

/** The candidate closest to a misspelt word, when it is close. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
