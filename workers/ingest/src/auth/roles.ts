/** What keys may be for. */
export const ROLES = ["write", "backfill", "feed", "sink", "read", "admin"] as const;
export type Role = (typeof ROLES)[number];
