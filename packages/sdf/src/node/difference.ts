/** Says how two lists of JSON values differ: one line per record, and per field where two records face each other. */

/**
 * @returns lines with `-` for what was expected and `+` for what came, or `undefined` when equal
 */
export function describeDifference(
  expected: readonly unknown[],
  got: readonly unknown[],
): string | undefined {
  const wanted = expected.map(canonical);
  const found = got.map(canonical);
  if (wanted.length === found.length && wanted.every((text, index) => text === found[index])) {
    return undefined;
  }
  const lines: string[] = [];
  let w = 0;
  let f = 0;
  for (const [nextW, nextF] of [
    ...commonPairs(wanted, found),
    [wanted.length, found.length] as const,
  ]) {
    lines.push(...describeGap(expected.slice(w, nextW), got.slice(f, nextF)));
    if (nextW < wanted.length) lines.push(`    ${wanted[nextW]}`);
    w = nextW + 1;
    f = nextF + 1;
  }
  return lines.join("\n");
}

function describeGap(expected: readonly unknown[], got: readonly unknown[]): string[] {
  const lines: string[] = [];
  for (let index = 0; index < Math.max(expected.length, got.length); index += 1) {
    if (index < expected.length) lines.push(`  - ${canonical(expected[index])}`);
    if (index < got.length) lines.push(`  + ${canonical(got[index])}`);
    if (index < expected.length && index < got.length) {
      const fields = differingFields(expected[index], got[index]);
      if (fields !== "") lines.push(`      differs in ${fields}`);
    }
  }
  return lines;
}

function differingFields(expected: unknown, got: unknown): string {
  if (!isObject(expected) || !isObject(got)) return "";
  const names = [...new Set([...Object.keys(expected), ...Object.keys(got)])];
  return names
    .filter((name) => canonical(expected[name]) !== canonical(got[name]))
    .map((name) => `${name}: expected ${canonical(expected[name])}, got ${canonical(got[name])}`)
    .join("; ");
}

/** Index pairs of a longest common subsequence. */
function commonPairs(a: readonly string[], b: readonly string[]): (readonly [number, number])[] {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] =
        a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: (readonly [number, number])[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      pairs.push([i, j]);
      i += 1;
      j += 1;
    } else if (at(i + 1, j) >= at(i, j + 1)) {
      i += 1;
    } else {
      j += 1;
    }
  }
  return pairs;
}

/** JSON with fields in the order of their names. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? "nothing";
  const fields = Object.keys(value)
    .toSorted()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${fields.join(",")}}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
