/** What the Rust files of a package hold for SDF's own build, and what they take from elsewhere. */
import { blankOut } from "./signature.ts";

/** Takes out what belongs to SDF's build of a package; lines and columns stay. */
export function withoutSdk(code: string): string {
  const blank = (match: string): string => match.replaceAll(/[^\n]/g, " ");
  return code.replaceAll(
    /#\[sdf\([^\]]*\)\]|\buse sdfg::sdf\s*;|\buse crate::bindings::[^;]*;/g,
    blank,
  );
}

export const PUBLIC_CRATES_HINT =
  "operators have Rust's standard library: write it with that, or move the work to a service of your own";

/** Crates that SDF's build gives every package; what is used of the first is here, too. */
const OF_SDF = new Set(["sdfg"]);

/**
 * A public crate that the code uses: those of the package's Cargo.toml.
 * @returns its name, and where the code names it first
 */
export function findCrate(
  code: string,
  cargo: string,
): { readonly crate: string; readonly line: number; readonly column: number } | undefined {
  const clean = blankOut(code);
  for (const crate of dependenciesOf(cargo)) {
    if (OF_SDF.has(crate)) continue;
    const at = clean.search(new RegExp(`(?<![\\w:])(?:::)?${crate}\\s*::|\\buse\\s+${crate}\\b`));
    if (at < 0) continue;
    const lines = clean.slice(0, at).split("\n");
    return { crate, line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
  }
  return undefined;
}

/** As Rust spells them. */
function dependenciesOf(cargo: string): string[] {
  const names: string[] = [];
  let section = "";
  for (const line of cargo.split(/\r?\n/)) {
    const table = /^\s*\[(?:dependencies(?:\.([\w-]+))?|([^\]]*))\]/.exec(line);
    if (table !== null) {
      section = table[2] === undefined ? "dependencies" : table[2];
      if (table[1] !== undefined) names.push(table[1]);
      if (table[1] !== undefined) section = "";
      continue;
    }
    const name = /^\s*"?([\w-]+)"?\s*[.=]/.exec(line)?.[1];
    if (section === "dependencies" && name !== undefined) names.push(name);
  }
  return names.map((name) => name.replaceAll("-", "_"));
}
