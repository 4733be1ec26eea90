/** What the tests of SQL have in common: players and teams as types, as topics and as services that keep them in states. */

/** A state of rows with these columns, by a text. */
export const rowState = (columns: string): string => `
        type: keyed-state
        properties:
          key: { type: string }
          value: { type: arrow-row, properties: { ${columns} } }`;

export interface FixtureOptions {
  /** Of the players' state. */
  readonly players: string;
  /** The name of a player's score in the state. */
  readonly score: string;
  /** The type of a team's rank. */
  readonly rank: "u32" | "u64";
}

export const fixtureTypes = ({ rank }: FixtureOptions): string => `
  player:
    type: object
    properties: { id: { type: string }, level: { type: string }, score: { type: i64 }, ratio: { type: f64 }, pro: { type: bool } }
  team: { type: object, properties: { id: { type: string }, team: { type: string }, rank: { type: ${rank} } } }
`;

export const FIXTURE_TOPICS = `
  players: { schema: { value: { type: player } } }
  teams: { schema: { value: { type: team } } }
`;

/** A player whose level is "gone" is deleted. */
export const fixtureServices = ({ players, score, rank }: FixtureOptions, more = ""): string => `
  players:
    sources: [{ type: topic, id: players }]
    states:
      ${players}:${rowState(`level: { type: string }, ${score}: { type: i64 }, ratio: { type: f64 }, pro: { type: bool }`)}
${more}
    partition:
      assign-key: { run: "fn player_key(p: Player) -> Result<String> { Ok(p.id) }" }
      update-state:
        run: |
          fn keep(p: Player) -> Result<()> {
            let mut row = ${players.replaceAll("-", "_")}();
            if p.level == "gone" { return row.delete(); }
            row.level = p.level;
            row.${score.replaceAll("-", "_")} = p.score;
            row.ratio = p.ratio;
            row.pro = p.pro;
            row.update()
          }
  teams:
    sources: [{ type: topic, id: teams }]
    states:
      teams:${rowState(`team: { type: string }, rank: { type: ${rank} }`)}
    partition:
      assign-key: { run: "fn team_key(t: Team) -> Result<String> { Ok(t.id) }" }
      update-state:
        run: |
          fn keep(t: Team) -> Result<()> {
            let mut row = teams();
            row.team = t.team;
            row.rank = t.rank;
            row.update()
          }
`;

export const FOUR_PLAYERS = [
  ["ann", "l1", 30, 0.5, true],
  ["bob", "l2", 10, 1.5, false],
  ["cid", "l1", 20, 2, true],
  ["dan", "l3", 20, -1, false],
] as const;

/** Rows as records of the topic `players`. */
export function playerRecords(
  rows: readonly (readonly [string, string, number, number, boolean])[],
): [number, object][] {
  return rows.map(([id, level, score, ratio, pro]) => [0, { id, level, score, ratio, pro }]);
}
