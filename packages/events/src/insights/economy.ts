/** What sells, and who is cheating. */
import type { Window } from "./window.ts";

export interface FraudFlag {
  readonly player_id: string;
  readonly ip_address: string;
  readonly suspicious_purchase_count: number;
}

/** Sales of one item within the window. Revenue is in the base currency, two decimals. */
export interface ItemSales extends Window {
  readonly item_id: string;
  /** As the catalog has them; empty and `unknown` where it has none. */
  readonly item_name?: string;
  readonly item_type?: string;
  readonly purchase_count: number;
  readonly refund_count?: number;
  readonly total_revenue: number;
  readonly fraud_flags: readonly FraudFlag[];
}

/**
 * A fraud rule that has found something; the window is the time from the first piece of evidence
 * to the last. Written again, under the same key, when more of the same comes.
 */
export interface RaisedFlag extends Window {
  /** Name of the rule in `catalog/fraud-rules.json`, and the version of that file. */
  readonly rule: string;
  readonly rule_version: number;
  /** `shadow`: the rule is on trial; count its flags, and bother nobody with them. */
  readonly mode: "flag" | "shadow";
  readonly severity: "low" | "medium" | "high";
  /** 0 to 1; grows with the evidence. */
  readonly score: number;
  /** What the rule watches: `account:…`, `address:…`, `receipt:…/account:…` or `purchase:…`. */
  readonly subject: string;
  /** Of the purchase that raised it. */
  readonly player_id: string;
  readonly ip_address: string;
  readonly item_id: string;
  /** What the rule counted, and from where on it flags. */
  readonly count: number;
  readonly threshold: number;
  /** The newest sixteen, oldest first. */
  readonly evidence_event_ids: readonly string[];
  /** What the account had spent before, and whether it had bought before; null where no account is watched. */
  readonly spender_tier?: SpenderTier | null;
  readonly returning_buyer?: boolean | null;
}

/** By what an account has spent so far: nothing, up to 10, up to 100, or more of the base currency. */
export type SpenderTier = "none" | "minnow" | "dolphin" | "whale";

/**
 * Takings of a period: ten seconds, a minute, or everything since the start, counting late purchases
 * too. Written every five seconds; a period that goes on is written again under its key with a later
 * end, and a total has the start of the ten seconds it was written in. Amounts are in the base
 * currency, two decimals.
 */
export interface Revenue extends Window {
  readonly period: "10s" | "1m" | "total";
  readonly purchase_count: number;
  readonly refund_count: number;
  /** Distinct accounts that bought. */
  readonly buyers: number;
  readonly gross_revenue: number;
  readonly refunded: number;
  /** Gross less refunded. */
  readonly revenue: number;
  readonly by_item_type: readonly {
    readonly item_type: string;
    readonly purchase_count: number;
    readonly revenue: number;
  }[];
  /** By the currency paid in; `revenue` is in the base currency all the same. */
  readonly by_currency?: readonly {
    readonly currency: string;
    readonly purchase_count: number;
    readonly revenue: number;
  }[];
  /** Of `1m`, else null: the ten items bought most, and how often they were in the minute before. */
  readonly popular_items?: readonly PopularItem[] | null;
  /**
   * Of `total`, else null: what accounts have brought since they first bought, refunds subtracted, by
   * the tier that this makes them. Accounts that were forgotten are in none.
   */
  readonly by_spender_tier?: readonly TierRevenue[] | null;
  /**
   * Of `total`, else null: accounts that have bought, players whose sessions have been seen, and the
   * one as a share of the other (0 to 1; 0 while no player has been seen).
   */
  readonly paying_players?: number | null;
  readonly active_players?: number | null;
  readonly conversion?: number | null;
}

export interface TierRevenue {
  readonly tier: SpenderTier;
  /** Accounts that have bought. */
  readonly buyers: number;
  readonly purchase_count: number;
  readonly revenue: number;
}

export interface PopularItem {
  readonly item_id: string;
  readonly item_name: string;
  readonly item_type: string;
  readonly purchase_count: number;
  readonly purchases_minute_before: number;
}
