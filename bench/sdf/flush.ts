/**
 * A window of 100,000 rows closes: ordered by count and written as JSON. node:sqlite does the same
 * over the same rows, which it has to be given first, in one transaction, as an engine beside the
 * Wasm would.
 */
import { DatabaseSync } from "node:sqlite";
import { DataflowEngine } from "@arenaflow/sdf/engine";
import { cpuSeconds } from "./cpu-seconds.ts";
import { makeChunk, mixed } from "./events.ts";
import { median } from "./numbers.ts";

const ROWS = 100_000;
const ROUNDS = 7;

interface Row {
  readonly player: string;
  readonly count: number;
}

export function flushVsSqlite(module: WebAssembly.Module): number {
  const rows = Array.from({ length: ROWS }, (_, index): Row => {
    return { player: `player_${String(index).padStart(8, "0")}`, count: 1 + mixed(index, 3) };
  });
  const players = rows.flatMap(({ count }, player) => Array.from({ length: count }, () => player));
  const player = (index: number): number => players[index] ?? 0;
  const { records } = makeChunk({ count: players.length, player, spanMs: 4_000 });
  const ratios: number[] = [];
  const shown: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const engine = new DataflowEngine(module);
    engine.process({ source: 0, partition: 0, records }, 0);
    const ours =
      1000 *
      cpuSeconds(() => {
        engine.finish();
        return engine.drain();
      });
    const theirs = 1000 * cpuSeconds(() => orderWithSqlite(rows));
    ratios.push(theirs / ours);
    shown.push(`${ours.toFixed(0)}/${theirs.toFixed(0)}`);
  }
  console.error(`flush of ${ROWS} rows, ms, Wasm/SQLite: ${shown.join(" ")}`);
  return median(ratios);
}

function orderWithSqlite(rows: readonly Row[]): string {
  const database = new DatabaseSync(":memory:");
  database.exec("create table events_of (player text primary key, count integer); begin");
  const insert = database.prepare("insert into events_of values (?, ?)");
  for (const { player, count } of rows) insert.run(player, count);
  database.exec("commit");
  const ordered = database.prepare("select player, count from events_of order by count desc").all();
  const text = JSON.stringify(ordered);
  database.close();
  return text;
}
