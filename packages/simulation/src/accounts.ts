/**
 * The players' accounts, one array per property, so that a million of them take tens of
 * megabytes and never trouble the garbage collector. Names, platforms and regions come from
 * faker, drawn once into a pool of profiles; an account is a profile and a few numbers.
 */
import { base, en, Faker } from "@faker-js/faker";
import { Rng, WeightedChoice } from "./random.ts";
import type { Scenario } from "./scenario.ts";

/** Profiles drawn from faker at creation: enough for weights to hold, few enough to take ~10 ms. */
const PROFILES = 2048;
const FIRST_CAPACITY = 4096;
const PLAYER_ID_DIGITS = 5;
/** Region n has the addresses 10.(n × 2).0.0 to 10.(n × 2 + 1).255.255: private, so they are nobody's. */
const ADDRESSES_PER_REGION = 2 ** 17;
const ADDRESS_BASE = 10 * 2 ** 24;
const BYTE = 256;

interface Profile {
  readonly adjective: string;
  readonly noun: string;
  readonly look: number;
}

/** What an account's events all carry: one entry for each platform, region and build. */
export interface Look {
  readonly platform: string;
  readonly region: number;
  readonly build: string;
  /** `","platform":"ios","region":"eu-west","build":"2.7.1"` to follow a text field's value. */
  readonly text: string;
}

export class Accounts {
  readonly looks: readonly Look[];
  readonly currencies: readonly string[];
  readonly #capacityMax: number;
  readonly #rng: Rng;
  readonly #profiles: readonly Profile[];
  readonly #tierChoice: WeightedChoice;
  readonly #currencyChoices: readonly { choice: WeightedChoice; codes: readonly number[] }[];
  readonly #sharedAddressShare: number;
  #count = 0;

  #profile = new Uint16Array(FIRST_CAPACITY);
  #tier = new Uint8Array(FIRST_CAPACITY);
  #currency = new Uint8Array(FIRST_CAPACITY);
  #address = new Uint32Array(FIRST_CAPACITY);
  /** From 0 to 1. */
  skill = new Float32Array(FIRST_CAPACITY);
  /** Index of the hardest level unlocked. */
  frontier = new Uint16Array(FIRST_CAPACITY);
  online = new Uint8Array(FIRST_CAPACITY);
  /** 1 from the decision to come back until the account does. */
  returning = new Uint8Array(FIRST_CAPACITY);
  buysAgainMs = new Float64Array(FIRST_CAPACITY);

  constructor(options: { scenario: Scenario; seed: number; levels: number }) {
    const { scenario, seed, levels } = options;
    this.#rng = new Rng(seed, "accounts");
    this.#capacityMax = scenario.population.accountsMax;
    this.#sharedAddressShare = scenario.population.sharedAddressShare;
    this.looks = allLooks(scenario);
    this.#profiles = drawProfiles(scenario, this.looks, seed);
    this.#tierChoice = new WeightedChoice(scenario.spenders.map((spender) => spender.share));
    const codes = scenario.regions.flatMap((region) => [...region.currencies.keys()]);
    this.currencies = [...new Set(codes)];
    this.#currencyChoices = scenario.regions.map(({ currencies }) => ({
      choice: new WeightedChoice([...currencies.values()]),
      codes: [...currencies.keys()].map((code) => this.currencies.indexOf(code)),
    }));
    for (let left = scenario.population.accountsInitial; left > 0; left -= 1) {
      const account = this.register() ?? 0;
      this.frontier[account] = Math.floor(levels * this.#rng.next() ** 1.6);
    }
  }

  get count(): number {
    return this.#count;
  }

  /** @returns the new account, or `undefined` when the scenario allows no more */
  register(): number | undefined {
    if (this.#count >= this.#capacityMax) return undefined;
    if (this.#count === this.#tier.length) this.#grow();
    const account = this.#count;
    this.#count += 1;
    const rng = this.#rng;
    this.#profile[account] = rng.below(PROFILES);
    const region = this.region(account);
    this.#tier[account] = this.#tierChoice.pick(rng);
    const wallet = this.#currencyChoices[region];
    this.#currency[account] = wallet?.codes[wallet.choice.pick(rng)] ?? 0;
    const shared = account > 0 && rng.chance(this.#sharedAddressShare);
    this.#address[account] = shared
      ? (this.#address[account - 1] ?? ADDRESS_BASE)
      : this.#drawAddress(region);
    this.skill[account] = Math.min(1, Math.max(0, 0.5 + 0.2 * rng.normal()));
    return account;
  }

  playerId(account: number): string {
    return `player_${String(account + 1).padStart(PLAYER_ID_DIGITS, "0")}`;
  }

  /** A name to show, such as SturdyOtter417. */
  playerName(account: number): string {
    const profile = this.#profiles[this.#profile[account] ?? 0];
    return `${profile?.adjective ?? ""}${profile?.noun ?? ""}${account + 1}`;
  }

  look(account: number): number {
    return this.#profiles[this.#profile[account] ?? 0]?.look ?? 0;
  }

  region(account: number): number {
    return this.looks[this.look(account)]?.region ?? 0;
  }

  /** Index into the scenario's spenders. */
  tier(account: number): number {
    return this.#tier[account] ?? 0;
  }

  /** Index into `currencies`. */
  currency(account: number): number {
    return this.#currency[account] ?? 0;
  }

  address(account: number): string {
    return addressText(this.#address[account] ?? ADDRESS_BASE);
  }

  /** An address of a region that belongs to no account in particular. */
  strangeAddress(region: number, rng: Rng): string {
    return addressText(
      ADDRESS_BASE + region * ADDRESSES_PER_REGION + rng.below(ADDRESSES_PER_REGION),
    );
  }

  #drawAddress(region: number): number {
    return ADDRESS_BASE + region * ADDRESSES_PER_REGION + this.#rng.below(ADDRESSES_PER_REGION);
  }

  #grow(): void {
    const capacity = Math.min(this.#tier.length * 2, Math.max(this.#capacityMax, this.#count + 1));
    this.#profile = grown(this.#profile, new Uint16Array(capacity));
    this.#tier = grown(this.#tier, new Uint8Array(capacity));
    this.#currency = grown(this.#currency, new Uint8Array(capacity));
    this.#address = grown(this.#address, new Uint32Array(capacity));
    this.skill = grown(this.skill, new Float32Array(capacity));
    this.frontier = grown(this.frontier, new Uint16Array(capacity));
    this.online = grown(this.online, new Uint8Array(capacity));
    this.returning = grown(this.returning, new Uint8Array(capacity));
    this.buysAgainMs = grown(this.buysAgainMs, new Float64Array(capacity));
  }
}

function grown<T extends { set(source: T): void }>(source: T, target: T): T {
  target.set(source);
  return target;
}

function addressText(address: number): string {
  const third = Math.floor(address / BYTE) % BYTE;
  const second = Math.floor(address / BYTE ** 2) % BYTE;
  return `${Math.floor(address / BYTE ** 3)}.${second}.${third}.${address % BYTE}`;
}

function allLooks(scenario: Scenario): Look[] {
  return [...scenario.platforms.keys()].flatMap((platform) =>
    scenario.regions.flatMap(({ region }, index) =>
      [...scenario.builds.keys()].map((build) => ({
        platform,
        region: index,
        build,
        text: `","platform":${JSON.stringify(platform)},"region":${JSON.stringify(region)},"build":${JSON.stringify(build)}`,
      })),
    ),
  );
}

function drawProfiles(scenario: Scenario, looks: readonly Look[], seed: number): Profile[] {
  const faker = new Faker({ locale: [en, base], seed });
  const platforms = weighted(scenario.platforms);
  const builds = weighted(scenario.builds);
  const regions = scenario.regions.map(({ share }, value) => ({ value, weight: share }));
  return Array.from({ length: PROFILES }, () => {
    const platform = faker.helpers.weightedArrayElement(platforms);
    const region = faker.helpers.weightedArrayElement(regions);
    const build = faker.helpers.weightedArrayElement(builds);
    return {
      adjective: titleCase(faker.word.adjective()),
      noun: titleCase(faker.animal.type()),
      look: looks.findIndex(
        (look) => look.platform === platform && look.region === region && look.build === build,
      ),
    };
  });
}

function weighted(weights: ReadonlyMap<string, number>): { value: string; weight: number }[] {
  return [...weights].map(([value, weight]) => ({ value, weight }));
}

function titleCase(words: string): string {
  return words
    .split(/[^a-zA-Z]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");
}
