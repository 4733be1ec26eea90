/**
 * Writes what the dataflows take from the catalog, and the Rust that several operators share, into
 * their YAML and their packages, between `// begin <name>` and `// end <name>`: an SDF operator stands alone, so it can
 * neither read a file nor call another operator's function.
 * `--check` writes nothing and fails when a block is not what it should be.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./run.ts";

const FILES = [
  "dataflows/game-economy/dataflow.yaml",
  "dataflows/player-engagement/dataflow.yaml",
  "dataflows/server-operations/dataflow.yaml",
  "sdf-packages/event-time/rust/event-time/src/read_purchase.rs",
];
const SNIPPETS = [
  "lateness",
  "packed",
  "trace-of",
  "corrections",
  "graphite-name",
  "iso-time",
  "account-hash",
  "changed-rates",
  "changed-items",
  "changed-rules",
  "changed-regions",
];
/** How names are packed and read: one file of the package has both. */
const NAMES = "sdf-packages/event-time/rust/event-time/src/names.rs";
const NAMES_PARTS = ["pack-names", "name-of"];
const MICROS = 1_000_000;

interface Rule {
  readonly rule: string;
  readonly mode: "off" | "shadow" | "flag";
  readonly severity: "low" | "medium" | "high";
  readonly score: number;
  readonly window_seconds?: number;
  readonly count_min?: number;
  readonly count_any_min?: number;
  readonly small_usd?: string;
  readonly large_usd?: string;
  readonly speed_kmh?: number;
  readonly distance_km?: number;
  readonly gap_seconds?: number;
  readonly per_account_min?: number;
  readonly share_min?: number;
}

interface Region {
  readonly region: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly currencies: readonly string[];
}

const currencies = catalog("currencies") as {
  currencies: readonly { currency: string; rate_to_base: string; minor_digits: number }[];
};
const items = catalog("items") as {
  items: readonly {
    item_id: string;
    name: string;
    category: string;
    prices: Readonly<Record<string, number>>;
  }[];
};
const fraud = catalog("fraud-rules") as {
  version: number;
  rules: readonly Rule[];
  allow: { players: readonly string[]; addresses: readonly string[] };
  regions: readonly Region[];
};

/** The blocks by name; a function, so that only blocks that are used are made. */
const BLOCKS: Readonly<Record<string, () => string[]>> = {
  ...Object.fromEntries(
    SNIPPETS.map((name) => [
      name,
      () => read(`scripts/dataflow-snippets/${name}.rs`).trimEnd().split("\n"),
    ]),
  ),
  ...Object.fromEntries(NAMES_PARTS.map((name) => [name, () => partOfNames(name)])),
  names: () => partOfNames("name-of"),
  trace: () => ["packed", "name-of", "trace-of"].flatMap((name) => BLOCKS[name]?.() ?? []),
  sale: () => ["name-of", "changed-rates"].flatMap((name) => BLOCKS[name]?.() ?? []),
  corrected: () => ["packed", "name-of", "corrections"].flatMap((name) => BLOCKS[name]?.() ?? []),
  "currency-rates": currencyRates,
  prices,
  "item-names": itemNames,
  "fraud-rules": fraudRules,
  "acting-rules": actingRules,
  regions,
  servers,
};

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

function partOfNames(name: string): string[] {
  const [, ...parts] = read(NAMES).split(/^\/\/ part /m);
  const part = parts.find((candidate) => candidate.startsWith(`${name}\n`));
  if (part === undefined) throw new Error(`${NAMES} has no "// part ${name}".`);
  return part.trimEnd().split("\n").slice(1);
}

function catalog(name: string): unknown {
  return JSON.parse(read(`catalog/${name}.json`)) as unknown;
}

function currencyRates(): string[] {
  const rates = currencies.currencies.map(({ currency, rate_to_base, minor_digits }) => {
    const micros = Math.round(Number(rate_to_base) * MICROS);
    return `"${currency}" => (${grouped(10 ** minor_digits)}, ${grouped(micros)}),`;
  });
  return [
    "// Minor units in a unit of a currency, and millionths of a US dollar for the unit.",
    "fn rate_of(currency: &str) -> Option<(i64, i64)> {",
    "  Some(match currency {",
    ...indented(indented([...rates, "_ => return None,"])),
    "  })",
    "}",
  ];
}

function prices(): string[] {
  const rows = items.items.map(({ item_id, prices: all }) => {
    const pairs = Object.entries(all).map(([code, price]) => `"${code}" => ${minor(code, price)}`);
    return `${text(item_id)} => match currency { ${pairs.join(", ")}, _ => -1 },`;
  });
  const codes = currencies.currencies.map(({ currency }) => text(currency));
  return [
    "// Currencies that a price can be in.",
    `const CODES: [&str; ${codes.length}] = [${codes.join(", ")}];`,
    "// The price of an item in minor units; -1 where it is not sold in the currency, nothing for an unknown item.",
    "fn price_of(item_id: &str, currency: &str) -> Option<i64> {",
    "  Some(match item_id {",
    ...indented(indented([...rows, "_ => return None,"])),
    "  })",
    "}",
  ];
}

function itemNames(): string[] {
  const rows = items.items.map(
    ({ item_id, name, category }) => `${text(item_id)} => (${text(name)}, ${text(category)}),`,
  );
  return [
    "// Name and type of an item.",
    "fn names_of(item_id: &str) -> (&'static str, &'static str) {",
    "  match item_id {",
    ...indented(indented([...rows, '_ => ("", "unknown"),'])),
    "  }",
    "}",
  ];
}

function fraudRules(): string[] {
  const rows = fraud.rules.map((rule) => {
    const fields = [
      `name: ${text(rule.rule)}`,
      `version: ${fraud.version}`,
      `mode: "${rule.mode}"`,
      `severity: "${rule.severity}"`,
      `score: ${decimal(rule.score)}`,
      `window_ms: ${grouped((rule.window_seconds ?? 0) * 1000)}`,
      `count_min: ${rule.count_min ?? 1}`,
      `count_any_min: ${rule.count_any_min ?? 1}`,
      `small_cents: ${cents(rule.small_usd)}`,
      `large_cents: ${cents(rule.large_usd)}`,
      `speed_kmh: ${decimal(rule.speed_kmh ?? 0)}`,
      `distance_km: ${decimal(rule.distance_km ?? 0)}`,
      `gap_ms: ${grouped((rule.gap_seconds ?? 0) * 1000)}`,
      `per_account_min: ${rule.per_account_min ?? 1}`,
      `share_min: ${decimal(rule.share_min ?? 0)}`,
    ];
    return `Rule { ${fields.join(", ")} },`;
  });
  return [
    ...RULE_STRUCT,
    "// The rules as they are built in; the topic of rules tells of changes.",
    `static RULES: [Rule; ${rows.length}] = [`,
    ...indented(rows),
    "];",
    ...fraud.rules.map(({ rule }, index) => `const ${constant(rule)}: usize = ${index};`),
    ...allowed(),
  ];
}

function actingRules(): string[] {
  const acting = fraud.rules.filter(({ mode }) => mode === "flag");
  return [
    "// Rules whose findings are acted on; those on trial are not among them.",
    `const ACTING_RULES: [&str; ${acting.length}] = [`,
    ...indented(acting.map(({ rule }) => `${text(rule)},`)),
    "];",
  ];
}

const RULE_STRUCT = [
  "#[derive(Clone, Copy, PartialEq)]",
  "struct Rule {",
  "  name: &'static str,",
  "  version: u32,",
  "  mode: &'static str,",
  "  severity: &'static str,",
  "  score: f64,",
  "  window_ms: i64,",
  "  count_min: usize,",
  "  count_any_min: usize,",
  "  small_cents: i64,",
  "  large_cents: i64,",
  "  speed_kmh: f64,",
  "  distance_km: f64,",
  "  gap_ms: i64,",
  "  per_account_min: usize,",
  "  share_min: f64,",
  "}",
];

function allowed(): string[] {
  const { players, addresses } = fraud.allow;
  return [
    "// Accounts and addresses that no rule looks at, a line each.",
    `const ALLOWED_PLAYERS: &str = ${text(players.join("\n"))};`,
    `const ALLOWED_ADDRESSES: &str = ${text(addresses.join("\n"))};`,
  ];
}

function regions(): string[] {
  const rows = fraud.regions.map(
    ({ region, latitude, longitude, currencies: codes }) =>
      `(${text(region)}, ${decimal(latitude)}, ${decimal(longitude)}, &[${codes.map(text).join(", ")}]),`,
  );
  return [
    "// Region, degrees north and east, and the currencies that are used there.",
    `const REGIONS: [(&str, f64, f64, &[&str]); ${rows.length}] = [`,
    ...indented(rows),
    "];",
  ];
}

function servers(): string[] {
  const { servers: known } = catalog("servers") as {
    servers: readonly { server_id: string; region: string; server_type: string }[];
  };
  const rows = known
    .toSorted((a, b) => (a.server_id < b.server_id ? -1 : 1))
    .map((each) => `(${text(each.server_id)}, ${text(each.region)}, ${text(each.server_type)}),`);
  return [
    "// Server, region, type; in the order of the names.",
    `const SERVERS: [(&str, &str, &str); ${rows.length}] = [`,
    ...indented(rows),
    "];",
  ];
}

function minor(code: string, price: number): string {
  const digits = currencies.currencies.find(({ currency }) => currency === code)?.minor_digits;
  if (digits === undefined) {
    throw new Error(
      `catalog/items.json has a price in ${code}, which catalog/currencies.json lacks: add a rate.`,
    );
  }
  return grouped(Math.round(price * 10 ** digits));
}

function cents(usd: string | undefined): string {
  return grouped(Math.round(Number(usd ?? 0) * 100));
}

function grouped(value: number): string {
  return value.toLocaleString("en-US").replaceAll(",", "_");
}

function decimal(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

function text(value: string): string {
  return JSON.stringify(value);
}

function constant(rule: string): string {
  return rule.toUpperCase().replaceAll("-", "_");
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

/** The document with every block written anew. */
function embed(document: string, file: string): string {
  const pattern = /^( *)\/\/ begin ([\w-]+)\n[\s\S]*?^ *\/\/ end \2$/gm;
  return document.replaceAll(pattern, (_, indent: string, name: string) => {
    const block = BLOCKS[name];
    if (block === undefined) {
      throw new Error(
        `${file}: there is no block "${name}". There are: ${Object.keys(BLOCKS).join(", ")}.`,
      );
    }
    const lines = [`// begin ${name}`, ...block(), `// end ${name}`];
    return lines.map((line) => (line === "" ? line : indent + line)).join("\n");
  });
}

for (const file of FILES) {
  const before = read(file);
  const after = embed(before, file);
  if (after === before) continue;
  if (process.argv.includes("--check")) {
    console.error(
      `${file} differs from catalog/ or scripts/dataflow-snippets/: run "node scripts/embed-catalog.ts" and build it.`,
    );
    process.exitCode = 1;
  } else {
    writeFileSync(join(ROOT, file), after);
    console.log(`${file} written`);
  }
}
