/**
 * The probabilities of a world, read from a scenario file (`scenarios/*.json`). Shares are
 * probabilities from 0 to 1; weights need not add up to anything.
 */
import { JsonReader, type NumberRange } from "./json-reader.ts";

/** Ways to cheat that the world can play; each is explained in fraud-patterns.ts. */
export const FRAUD_PATTERNS = [
  "velocity-account",
  "velocity-address",
  "velocity-shared-address",
  "velocity-slow",
  "price-tampering",
  "unknown-item",
  "card-testing",
  "receipt-reuse",
  "refund-abuse",
  "impossible-travel",
  "amount-outlier",
  "currency-mismatch",
  "new-account-splurge",
] as const;
export type FraudPattern = (typeof FRAUD_PATTERNS)[number];

/** Honest behaviour that a careless rule would flag; each is explained in look-alikes.ts. */
export const LOOK_ALIKES = [
  "sale",
  "shared-address",
  "whale-spree",
  "receipt-restore",
  "regret",
  "new-fan",
] as const;
export type LookAlike = (typeof LOOK_ALIKES)[number];

export interface Population {
  readonly accountsInitial: number;
  readonly accountsMax: number;
  /** Players online at an ordinary time of day and rate 1. */
  readonly activeTarget: number;
  /** How fast the number of players follows its target. */
  readonly catchUpSeconds: number;
  readonly newAccountShare: number;
  /** Of the arrivals: those who meant to come back by now, if there are any. */
  readonly dueReturnShare: number;
  /** Zipf exponent of who plays often; below 1. */
  readonly favouritesExponent: number;
  readonly sharedAddressShare: number;
  /** Activity by local hour, 24 factors around 1. */
  readonly dayCurve: readonly number[];
  /** When a player who leaves means to come back; the rest decide on no time. */
  readonly returns: readonly ReturnHabit[];
}

export interface ReturnHabit {
  readonly afterHours: readonly [from: number, to: number];
  readonly share: number;
}

export interface Region {
  readonly region: string;
  readonly share: number;
  readonly utcOffsetHours: number;
  readonly currencies: ReadonlyMap<string, number>;
}

export interface SessionHabits {
  readonly medianSeconds: number;
  /** Standard deviation of the logarithm of a session's length. */
  readonly spread: number;
  readonly stepSeconds: number;
  readonly pauseSeconds: number;
  readonly interactionShare: number;
  readonly disconnectPerStep: number;
  readonly reconnectShare: number;
}

export interface LevelHabits {
  readonly popularityExponent: number;
  readonly skillBonus: number;
  readonly attemptBonus: number;
  readonly retryShare: number;
  readonly nextShare: number;
  readonly rageQuitAfterFails: number;
  readonly rageQuitShare: number;
}

export interface Spender {
  readonly tier: string;
  readonly share: number;
  /** How much likelier than others to buy, from 0 to 1. */
  readonly weight: number;
}

export interface PurchaseHabits {
  readonly perActivePlayerPerMinute: number;
  readonly popularityExponent: number;
  /** An honest player waits at least this long between two purchases. */
  readonly cooldownSeconds: number;
  readonly refundShare: number;
  readonly refundAfterSeconds: readonly [from: number, to: number];
}

export interface ServerHabits {
  readonly reportSeconds: readonly [from: number, to: number];
  readonly spikeEverySeconds: number;
  readonly spikeSeconds: readonly [from: number, to: number];
  readonly spikeFactor: readonly [from: number, to: number];
  readonly crashEverySeconds: number;
  readonly restartSeconds: number;
}

export interface Incidents<P extends string> {
  readonly firstAfterSeconds: number;
  readonly everySeconds: number;
  readonly weights: readonly { readonly pattern: P; readonly weight: number }[];
}

export interface Scenario {
  readonly name: string;
  readonly description: string;
  readonly population: Population;
  readonly regions: readonly Region[];
  readonly platforms: ReadonlyMap<string, number>;
  readonly builds: ReadonlyMap<string, number>;
  readonly session: SessionHabits;
  readonly levels: LevelHabits;
  readonly spenders: readonly Spender[];
  readonly purchases: PurchaseHabits;
  readonly servers: ServerHabits;
  readonly fraud: Incidents<FraudPattern>;
  readonly lookAlikes: Incidents<LookAlike>;
}

/** Accounts in one world. Each takes about 25 bytes. */
const ACCOUNTS_MAX = 4_000_000;
/** Entries of a list such as regions: they are kept in one byte per account. */
const KINDS_MAX = 100;
const HOURS_PER_DAY = 24;

const SHARE: NumberRange = { min: 0, max: 1 };
const WEIGHT: NumberRange = { min: 0, max: 1_000_000 };
const SECONDS: NumberRange = { min: 0.01, max: 86_400 };
const HOURS: NumberRange = { min: 0, max: 24 * 365 };
const ACCOUNTS: NumberRange = { min: 1, max: ACCOUNTS_MAX };

/**
 * Reads a scenario file.
 * @param value parsed JSON
 * @throws InvalidInput naming the field that is wrong
 */
export function parseScenario(value: unknown): Scenario {
  const reader = new JsonReader(value);
  const scenario: Scenario = {
    name: reader.text("name"),
    description: reader.text("description"),
    population: readPart(reader, "population", readPopulation),
    regions: reader.objects("regions", KINDS_MAX, readRegion),
    platforms: reader.numbers("platforms", WEIGHT),
    builds: reader.numbers("builds", WEIGHT),
    session: readPart(reader, "session", readSession),
    levels: readPart(reader, "levels", readLevels),
    spenders: reader.objects("spenders", KINDS_MAX, readSpender),
    purchases: readPart(reader, "purchases", readPurchases),
    servers: readPart(reader, "servers", readServers),
    fraud: readPart(reader, "fraud", (part) => readIncidents(part, FRAUD_PATTERNS)),
    lookAlikes: readPart(reader, "look_alikes", (part) => readIncidents(part, LOOK_ALIKES)),
  };
  reader.done();
  return scenario;
}

function readPart<T>(reader: JsonReader, name: string, read: (part: JsonReader) => T): T {
  const part = reader.object(name);
  const result = read(part);
  part.done();
  return result;
}

function readPopulation(reader: JsonReader): Population {
  const accountsMax = reader.integer("accounts_max", ACCOUNTS);
  const dayCurve = reader.list("day_curve", HOURS_PER_DAY, (value, path) =>
    new JsonReader({ [path]: value }).number(path, { min: 0, max: 10 }),
  );
  if (dayCurve.length !== HOURS_PER_DAY) {
    throw reader.problem("day_curve", `a list of ${HOURS_PER_DAY} numbers, one per hour`);
  }
  return {
    accountsInitial: reader.integer("accounts_initial", { min: 1, max: accountsMax }),
    accountsMax,
    activeTarget: reader.integer("active_target", { min: 1, max: accountsMax }),
    catchUpSeconds: reader.number("catch_up_seconds", SECONDS),
    newAccountShare: reader.number("new_account_share", SHARE),
    dueReturnShare: reader.number("due_return_share", SHARE),
    favouritesExponent: reader.number("favourites_exponent", { min: 0, max: 0.95 }),
    sharedAddressShare: reader.number("shared_address_share", SHARE),
    dayCurve,
    returns: reader.objects("returns", KINDS_MAX, (habit) => ({
      afterHours: habit.span("after_hours", HOURS),
      share: habit.number("share", SHARE),
    })),
  };
}

function readRegion(reader: JsonReader): Region {
  return {
    region: reader.text("region"),
    share: reader.number("share", WEIGHT),
    utcOffsetHours: reader.number("utc_offset_hours", { min: -12, max: 14 }),
    currencies: reader.numbers("currencies", WEIGHT),
  };
}

function readSession(reader: JsonReader): SessionHabits {
  return {
    medianSeconds: reader.number("median_seconds", SECONDS),
    spread: reader.number("spread", { min: 0, max: 3 }),
    stepSeconds: reader.number("step_seconds", SECONDS),
    pauseSeconds: reader.number("pause_seconds", SECONDS),
    interactionShare: reader.number("interaction_share", SHARE),
    disconnectPerStep: reader.number("disconnect_per_step", SHARE),
    reconnectShare: reader.number("reconnect_share", SHARE),
  };
}

function readLevels(reader: JsonReader): LevelHabits {
  return {
    popularityExponent: reader.number("popularity_exponent", { min: 0, max: 5 }),
    skillBonus: reader.number("skill_bonus", SHARE),
    attemptBonus: reader.number("attempt_bonus", SHARE),
    retryShare: reader.number("retry_share", SHARE),
    nextShare: reader.number("next_share", SHARE),
    rageQuitAfterFails: reader.integer("rage_quit_after_fails", { min: 1, max: 100 }),
    rageQuitShare: reader.number("rage_quit_share", SHARE),
  };
}

function readSpender(reader: JsonReader): Spender {
  return {
    tier: reader.text("tier"),
    share: reader.number("share", WEIGHT),
    weight: reader.number("weight", SHARE),
  };
}

function readPurchases(reader: JsonReader): PurchaseHabits {
  return {
    perActivePlayerPerMinute: reader.number("per_active_player_per_minute", { min: 0, max: 60 }),
    popularityExponent: reader.number("popularity_exponent", { min: 0, max: 5 }),
    cooldownSeconds: reader.number("cooldown_seconds", SECONDS),
    refundShare: reader.number("refund_share", SHARE),
    refundAfterSeconds: reader.span("refund_after_seconds", SECONDS),
  };
}

function readServers(reader: JsonReader): ServerHabits {
  const factor = { min: 1, max: 100 };
  return {
    reportSeconds: reader.span("report_seconds", SECONDS),
    spikeEverySeconds: reader.number("spike_every_seconds", SECONDS),
    spikeSeconds: reader.span("spike_seconds", SECONDS),
    spikeFactor: reader.span("spike_factor", factor),
    crashEverySeconds: reader.number("crash_every_seconds", SECONDS),
    restartSeconds: reader.number("restart_seconds", SECONDS),
  };
}

function readIncidents<P extends string>(reader: JsonReader, known: readonly P[]): Incidents<P> {
  const patterns = reader.object("patterns");
  const weights = known
    .filter((pattern) => patterns.has(pattern))
    .map((pattern) => ({ pattern, weight: patterns.number(pattern, WEIGHT) }));
  patterns.done();
  return {
    firstAfterSeconds: reader.number("first_after_seconds", SECONDS),
    everySeconds: reader.number("every_seconds", SECONDS),
    weights,
  };
}
