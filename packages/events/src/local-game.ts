/**
 * What a GameAnalytics SDK is set up with to talk to a local stack. Not secret: like the key `dev` it
 * opens nothing beyond loopback.
 */
export const LOCAL_GAME = {
  game_key: "arenaflow0local0game0key00000000",
  secret: "arenaflow0local0secret000000000000000000",
} as const;
