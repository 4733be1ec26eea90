/** The SQL of states against Polars itself: the same queries over the same rows. */
import { beforeAll, describe, expect, test } from "vitest";
import { loadPolars, PolarsTables, type Rows } from "./polars.ts";
import {
  FIXTURE_TOPICS,
  type FixtureOptions,
  fixtureServices,
  fixtureTypes,
  FOUR_PLAYERS,
  playerRecords,
} from "./sql-fixture.ts";
import { buildModule, TestHost } from "./test-host.ts";
import { BUILD_TIMEOUT_MS, haveRustc } from "./toolchain.ts";

const FIXTURE: FixtureOptions = { players: "players", score: "score", rank: "u32" };

const YAML = `
apiVersion: 0.6.0
meta: { name: polars, version: 0.1.0, namespace: test }
config: { converter: json }
types:${fixtureTypes(FIXTURE)}
topics:${FIXTURE_TOPICS}
services:${fixtureServices(FIXTURE, "      teams: { from: teams.teams }")}
`;

const PLAYERS = [
  ...FOUR_PLAYERS,
  ["Eve", "l2", -7, 0.25, true],
  ["flo", "", 0, 1e6, false],
] as const;
const TEAMS = [
  ["ann", "red", 1],
  ["cid", "blue", 4_000_000_000],
  ["eve", "red", 3],
  ["gus", "green", 7],
] as const;
const NOW = 5000;

const JOIN = "from players p join teams t on p._key = t._key";
const LEFT = "from players p left join teams t on p._key = t._key";
const FULL = "from players p full join teams t on p._key = t._key";
const RIGHT = "from players p right join teams t on p._key = t._key";

const QUERIES: readonly string[] = [
  "select * from players",
  "select _key, score from players where _key = 'cid'",
  "select _key from players where _key = 'nobody'",
  "select _key from players order by score, _key",
  "select _key from players order by score desc, _key desc limit 3",
  "select _key from players order by ratio limit 2 offset 1",
  "select _key from players order by _key",
  "select _key from players order by pro, _key",
  "select _key from players where pro and ratio > 1.0",
  "select _key from players where not pro or level in ('l1', 'l9')",
  "select _key from players where level not in ('l1', 'l2')",
  "select _key from players where score between 10 and 20",
  "select _key from players where score not between 10 and 20",
  "select _key from players where _key like '%n' and level <> 'l1'",
  "select _key from players where _key like '_v_'",
  "select _key from players where _key not like 'a%'",
  "select _key from players where _key ilike 'E%'",
  "select _key from players where level = ''",
  "select _key from players where score > 5 and (ratio < 1 or level = 'l2')",
  "select score / 4 as q, score % 7 as m, score * 2 - 1 as x, -score as n from players",
  "select score / 0 as q from players where score > 0",
  "select score // 3 as q, ratio + score as s from players",
  "select ratio * 2 as d, ratio - 1 as e from players",
  "select level || '-' || _key as text from players",
  "select upper(_key) as u, lower(_key) as l, length(level) as n from players",
  "select substr(_key, 1, 2) as s from players",
  "select starts_with(_key, 'a') as a, ends_with(_key, 'n') as b from players",
  "select abs(score) as a, round(ratio, 1) as r, floor(ratio) as f, ceil(ratio) as c from players",
  "select cast(score as varchar) as s, cast(ratio as integer) as i, cast(score as double) as d from players",
  "select case when ratio < 0 then 'minus' when pro then 'pro' else 'no' end as c from players",
  "select case level when 'l1' then 1 when 'l2' then 2 end as c from players",
  "select coalesce(null, level) as c, nullif(level, 'l1') as n from players",
  "select greatest(score, 5) as g, least(score, 5) as l from players",
  "select distinct level from players order by level desc",
  "select distinct level, pro from players order by level, pro",
  "select count(*) from players",
  "select count(*) as n, sum(score) as s, avg(score) as a, min(score) as l, max(ratio) as h from players",
  "select sum(ratio) as s, count(*) as n, avg(ratio) as a, max(score) as m from players where _key = 'x'",
  "select count(distinct level) as n, median(score) as m from players",
  "select stddev(score) as d, variance(ratio) as v from players",
  "select first(_key) as f, last(_key) as l from players",
  "select sum(score) / count(*) as mean from players",
  "select level, count(*) as n, sum(score) as total from players group by level order by n desc, level",
  "select level, avg(ratio) as a from players group by level order by level",
  "select level, max(_key) as k from players where score > 0 group by level order by level",
  "select level from players group by level having count(*) > 1 order by level",
  "select level, pro, count(*) as n from players group by level, pro order by level, pro",
  "select pro, sum(score) as s from players group by pro order by s",
  `select p._key, t.team ${JOIN} order by p._key`,
  `select p._key, t.team ${LEFT} order by p._key`,
  `select p._key, team ${LEFT} order by team, p._key`,
  `select p._key, team ${LEFT} order by team desc, p._key`,
  `select p._key, team ${LEFT} order by team nulls first, p._key`,
  `select p._key, team ${LEFT} order by team desc nulls last, p._key`,
  `select p._key ${LEFT} where team is null order by p._key`,
  `select p._key ${LEFT} where team is not null order by p._key`,
  `select t._key as k, score ${RIGHT} order by k`,
  `select coalesce(p._key, t._key) as k, rank, score ${FULL} order by k`,
  `select sum(rank) as r, count(rank) as n, count(*) as m, avg(rank) as a ${LEFT}`,
  `select team, count(*) as n ${LEFT} group by team order by n desc, team`,
  `select team, sum(score) as s ${RIGHT} group by team order by team`,
  "select count(*) as n from players cross join teams",
  "select _key, score, rank from players join teams using (_key) order by _key",
  "select _key from players where pro union all select _key from teams order by _key",
  "select _key from players where pro union select _key from teams order by _key desc limit 3",
  // In Polars the order of a union sees only names that are in all its parts; ours sees those of the result.
  "select level as x, score as n from players union all select team as x, rank as n from teams order by n, x",
  "select round(score / 4) as r, round(ratio * 2.5) as m from players",
  "select score + ratio as f, score * 1.5 as g, score % 4 as m, -score % 4 as n from players",
  "select _key from players where score = 20 or ratio = 2",
  "select _key from players where ratio in (0.5, 2.0)",
  `select p._key, rank ${LEFT} where rank > 2 order by p._key`,
  `select team, min(score) as a, max(score) as b, count(score) as n ${RIGHT} group by team order by team`,
  `select min(team) as a, max(rank) as b, count(distinct team) as n ${LEFT}`,
  "select max(level) as l, min(pro) as f, max(pro) as t from players",
  "select level, median(ratio) as m, stddev(score) as d from players group by level order by level",
  "select level from players where pro union all select level from players where not pro union select team as level from teams order by level",
  "select level from players union distinct select level from players order by level",
  "select null as a, 1 as b, 'x' as c, true as d, 1.5 as e from players limit 1",
];

const polars = loadPolars();
const NAME =
  polars === undefined
    ? "Polars is not installed: node packages/sdf/scripts/install-oracles.ts"
    : "SQL as Polars has it (needs rustc with the Wasm target)";

describe.skipIf(!haveRustc || polars === undefined)(NAME, () => {
  let host: TestHost;
  let oracle: PolarsTables;

  beforeAll(async () => {
    host = new TestHost(await buildModule(YAML));
    host.sendJson("players", playerRecords(PLAYERS), NOW);
    host.sendJson(
      "teams",
      TEAMS.map(([id, team, rank]) => [0, { id, team, rank }] as const),
      NOW,
    );
    if (polars === undefined) return;
    const updated = "_updated_at";
    oracle = new PolarsTables(polars, {
      players: {
        types: {
          _key: "Utf8",
          level: "Utf8",
          score: "Int64",
          ratio: "Float64",
          pro: "Bool",
          [updated]: "Float64",
        },
        rows: PLAYERS.map((row) => [...row, NOW]),
      },
      teams: {
        types: { _key: "Utf8", team: "Utf8", rank: "UInt32", [updated]: "Float64" },
        rows: TEAMS.map((row) => [...row, NOW]),
      },
    });
  }, BUILD_TIMEOUT_MS);

  test.each(QUERIES)("%s", (query) => {
    const ours = host.query(0, query);
    expect(rounded(ours)).toEqual(rounded(oracle.query(query)));
  });
});

/** Sums of floats depend on the order of adding. */
function rounded({ columns, rows }: Rows): Rows {
  const cell = (value: unknown): unknown =>
    typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(12)) : value;
  return { columns, rows: rows.map((row) => row.map(cell)) };
}
