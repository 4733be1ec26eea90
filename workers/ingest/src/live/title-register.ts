/** The titles that insights came for, so that an operator finds them. */
import { INGEST_LIMITS } from "../limits.ts";

export class TitleRegister {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec("CREATE TABLE IF NOT EXISTS titles (title TEXT PRIMARY KEY)");
  }

  add(title: string): void {
    this.#sql.exec(
      "INSERT OR IGNORE INTO titles (title) SELECT ?1 WHERE (SELECT count(*) FROM titles) < ?2",
      title,
      INGEST_LIMITS.titlesMax,
    );
  }

  /** In alphabetical order. */
  list(): readonly string[] {
    const rows = this.#sql.exec<{ title: string }>("SELECT title FROM titles ORDER BY title");
    return Array.from(rows, ({ title }) => title);
  }
}
