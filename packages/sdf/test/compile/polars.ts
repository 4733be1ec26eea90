/** Polars, where `node packages/sdf/scripts/install-oracles.ts` has put it. */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../../../.arenaflow/oracles/", import.meta.url));

interface LazyFrame {
  /** The native frame, or why there is none: it is not thrown. */
  readonly _ldf: unknown;
  collectSync(): { readonly columns: string[]; rows(): unknown[][] };
}

interface Polars {
  DataFrame(columns: Readonly<Record<string, readonly unknown[]>>, options: object): object;
  SQLContext(frames: Readonly<Record<string, object>>): {
    execute(query: string, options: { eager: false }): LazyFrame;
  };
  readonly [type: string]: unknown;
}

export interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

export interface Table {
  /** Polars' name of the type of each column. */
  readonly types: Readonly<Record<string, string>>;
  readonly rows: readonly (readonly unknown[])[];
}

/** Undefined where it is not installed. */
export function loadPolars(): Polars | undefined {
  try {
    return createRequire(FOLDER)("nodejs-polars") as Polars;
  } catch {
    return undefined;
  }
}

export class PolarsTables {
  readonly #context: ReturnType<Polars["SQLContext"]>;

  constructor(polars: Polars, tables: Readonly<Record<string, Table>>) {
    const frames = Object.entries(tables).map(([name, { types, rows }]) => {
      const names = Object.keys(types);
      const columns = names.map((column, at) => [column, rows.map((row) => row[at])] as const);
      const schema = Object.entries(types).map(([column, type]) => [column, polars[type]] as const);
      return [
        name,
        polars.DataFrame(Object.fromEntries(columns), { schema: Object.fromEntries(schema) }),
      ] as const;
    });
    this.#context = polars.SQLContext(Object.fromEntries(frames));
  }

  /** @throws what Polars says of a query that it refuses */
  query(text: string): Rows {
    const lazy = this.#context.execute(text, { eager: false });
    if (lazy._ldf instanceof Error) throw lazy._ldf;
    const frame = lazy.collectSync();
    return {
      columns: frame.columns,
      rows: frame.rows().map((row) => row.map((cell) => plain(cell))),
    };
  }
}

function plain(cell: unknown): unknown {
  if (typeof cell === "bigint") return Number(cell);
  // JSON, in which our answers come, has neither infinities nor not-a-number.
  if (cell === undefined || (typeof cell === "number" && !Number.isFinite(cell))) return null;
  return cell;
}
