/**
 * Brings the tables of a Journal that was made before titles had counters of their own into today's
 * form. Nothing that waits is lost, and positions go on.
 */
import { EVENT_TOPICS } from "@arenaflow/events";

/** What those Journals held was, but for bodies stored as they came, not told apart by title. */
const TITLE_OF_RAW = "coalesce(json_extract(raw, '$.stamp.titleId'), 'local')";

/** Does nothing to tables that are new or in today's form. Call before they are made. */
export function migrate(sql: SqlStorage): void {
  if (!columnsOf(sql, "positions").includes("duplicates")) return;
  for (const topic of EVENT_TOPICS) {
    const table = `batches_${topic.replace("-", "_")}`;
    const raw = columnsOf(sql, table).includes("raw") ? "raw" : "NULL";
    sql.exec(`ALTER TABLE ${table} RENAME TO old_${table}`);
    sql.exec(
      `CREATE TABLE ${table} (first_seq INTEGER PRIMARY KEY, count INTEGER NOT NULL, ` +
        `received_ms INTEGER NOT NULL, title TEXT NOT NULL, raw TEXT, body BLOB NOT NULL)`,
    );
    sql.exec(
      `INSERT INTO ${table} SELECT first_seq, count, received_ms, ` +
        `${raw === "raw" ? TITLE_OF_RAW : "'local'"}, ${raw}, body FROM old_${table}`,
    );
    sql.exec(`DROP TABLE old_${table}`);
  }
  sql.exec("INSERT INTO lanes SELECT 'local', topic, last, duplicates, rejected, 0 FROM positions");
  sql.exec("ALTER TABLE positions DROP COLUMN duplicates");
  sql.exec("ALTER TABLE positions DROP COLUMN rejected");
  sql.exec("DROP TABLE IF EXISTS counters");
  sql.exec("DROP TABLE IF EXISTS rejected");
}

function columnsOf(sql: SqlStorage, table: string): readonly string[] {
  const rows = sql.exec<{ name: string }>(`SELECT name FROM pragma_table_info('${table}')`);
  return Array.from(rows, ({ name }) => name);
}
