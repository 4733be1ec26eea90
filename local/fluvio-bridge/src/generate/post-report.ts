/** What was posted and what the API answered, so that anybody can check that nothing was lost. */
import type { PlannedRequest } from "./game-clients.ts";
import { Latencies } from "./latencies.ts";
import { countText, tableText } from "./progress.ts";

/** An answer that says what became of each event. */
export interface EventsAnswer {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly { readonly code: string }[];
}

export interface PostReport {
  readonly seconds: number;
  readonly clients: number;
  readonly sent: {
    readonly requests: number;
    /** Right events, each counted once. */
    readonly events: number;
    /** Right events that were sent once more on purpose. */
    readonly repeated: number;
    readonly broken: number;
    /** Of the events: from clients that were offline for hours, and whose clock is years off. */
    readonly offline: number;
    readonly wrong_clock: number;
    readonly events_by_topic: Readonly<Record<string, number>>;
  };
  readonly answered: {
    readonly requests: number;
    readonly accepted: number;
    readonly duplicates: number;
    readonly rejected: number;
    readonly rejected_by_code: Readonly<Record<string, number>>;
    readonly by_status: Readonly<Record<string, number>>;
  };
  /** Requests sent again because of 429, 5xx or no answer. */
  readonly retried: number;
  readonly without_answer: number;
  readonly given_up: { readonly requests: number; readonly events: number };
  readonly latency_ms: Readonly<Record<"p50" | "p95" | "p99" | "max", number>>;
  readonly conservation: { readonly holds: boolean; readonly problems: readonly string[] };
}

/** Counts a run as it goes. */
export class PostAccount {
  readonly #latencies = new Latencies();
  readonly #byStatus = new Map<string, number>();
  readonly #rejectedByCode = new Map<string, number>();
  readonly #brokenByCode = new Map<string, number>();
  readonly #byTopic = new Map<string, number>();
  readonly #problems: string[] = [];
  #requests = 0;
  #events = 0;
  #repeated = 0;
  #broken = 0;
  #offline = 0;
  #wrongClock = 0;
  #answeredRequests = 0;
  #accepted = 0;
  #duplicates = 0;
  #rejected = 0;
  /** Of the requests that were answered: right events, and those of them sent before on purpose. */
  #answeredEvents = 0;
  #answeredRepeats = 0;
  #retried = 0;
  #withoutAnswer = 0;
  #givenUpRequests = 0;
  #givenUpEvents = 0;

  get events(): number {
    return this.#events;
  }

  get accepted(): number {
    return this.#accepted;
  }

  get retried(): number {
    return this.#retried;
  }

  get unanswered(): number {
    return this.#requests - this.#answeredRequests - this.#givenUpRequests;
  }

  /** A request is about to be sent for the first time. */
  planned({ topic, events, broken, isRepeat, clock }: PlannedRequest): void {
    this.#requests += 1;
    this.#broken += broken.length;
    if (isRepeat) {
      this.#repeated += events;
      return;
    }
    this.#events += events;
    add(this.#byTopic, topic, events);
    if (clock === "offline") this.#offline += events;
    if (clock === "wrong") this.#wrongClock += events;
  }

  /** Some answer came. */
  status(status: number, ms: number): void {
    add(this.#byStatus, String(status), 1);
    this.#latencies.add(ms);
  }

  noAnswer(): void {
    this.#withoutAnswer += 1;
  }

  retry(): void {
    this.#retried += 1;
  }

  giveUp({ events }: PlannedRequest): void {
    this.#givenUpRequests += 1;
    this.#givenUpEvents += events;
  }

  /** The answer that settles a request. */
  settle(request: PlannedRequest, answer: EventsAnswer): void {
    const { accepted, duplicates, rejected } = answer;
    this.#answeredRequests += 1;
    this.#answeredEvents += request.events;
    if (request.isRepeat) this.#answeredRepeats += request.events;
    for (const code of request.broken) add(this.#brokenByCode, code, 1);
    this.#accepted += accepted;
    this.#duplicates += duplicates;
    this.#rejected += rejected.length;
    for (const { code } of rejected) add(this.#rejectedByCode, code, 1);
  }

  /** Something that must not happen. */
  problem(text: string): void {
    const PROBLEMS_MAX = 20;
    if (this.#problems.length < PROBLEMS_MAX) this.#problems.push(text);
  }

  /** @param isKnownBefore the API may have had the same events from an earlier run */
  report(about: { seconds: number; clients: number; isKnownBefore: boolean }): PostReport {
    const { seconds, clients } = about;
    const latencies = this.#latencies;
    const problems = [...this.#problems, ...this.#imbalances(about.isKnownBefore)];
    return {
      seconds: Math.round(seconds * 10) / 10,
      clients,
      sent: {
        requests: this.#requests,
        events: this.#events,
        repeated: this.#repeated,
        broken: this.#broken,
        offline: this.#offline,
        wrong_clock: this.#wrongClock,
        events_by_topic: Object.fromEntries(this.#byTopic),
      },
      answered: {
        requests: this.#answeredRequests,
        accepted: this.#accepted,
        duplicates: this.#duplicates,
        rejected: this.#rejected,
        rejected_by_code: Object.fromEntries(this.#rejectedByCode),
        by_status: Object.fromEntries(this.#byStatus),
      },
      retried: this.#retried,
      without_answer: this.#withoutAnswer,
      given_up: { requests: this.#givenUpRequests, events: this.#givenUpEvents },
      latency_ms: {
        p50: latencies.percentile(0.5),
        p95: latencies.percentile(0.95),
        p99: latencies.percentile(0.99),
        max: latencies.maxMs,
      },
      conservation: { holds: problems.length === 0, problems },
    };
  }

  #imbalances(isKnownBefore: boolean): string[] {
    const found: string[] = [];
    const counted = this.#accepted + this.#duplicates;
    if (counted !== this.#answeredEvents) {
      found.push(`accepted + duplicates is ${counted}, for ${this.#answeredEvents} right events`);
    }
    for (const code of new Set([...this.#brokenByCode.keys(), ...this.#rejectedByCode.keys()])) {
      const [sent, rejected] = [this.#brokenByCode.get(code), this.#rejectedByCode.get(code)];
      if (sent !== rejected) found.push(`rejected as ${code}: ${rejected ?? 0} of ${sent ?? 0}`);
    }
    const once = this.#answeredEvents - this.#answeredRepeats;
    if (this.#accepted > once) found.push(`accepted ${this.#accepted} of ${once} different events`);
    // An answer that was lost may have been an acceptance: then the retry is a duplicate.
    const mayBeKnown = isKnownBefore || this.#withoutAnswer > 0 || this.#givenUpRequests > 0;
    if (this.#accepted < once && !mayBeKnown) {
      found.push(`only ${this.#accepted} of ${once} different events were accepted`);
    }
    if (this.#givenUpRequests > 0) {
      found.push(`${this.#givenUpRequests} requests were given up without an answer that settles`);
    }
    return found;
  }
}

function add(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}

/** The report for people. */
export function postReportText(report: PostReport): string {
  const { sent, answered, latency_ms: latency, conservation } = report;
  const rows = [
    ["SENT", "", "ANSWERED", ""],
    ["events", countText(sent.events), "accepted", countText(answered.accepted)],
    ["repeated", countText(sent.repeated), "duplicates", countText(answered.duplicates)],
    ["broken", countText(sent.broken), "rejected", countText(answered.rejected)],
    ["requests", countText(sent.requests), "requests", countText(answered.requests)],
    ["hours old", countText(sent.offline), "tried again", countText(report.retried)],
    [
      "clock years off",
      countText(sent.wrong_clock),
      "given up",
      countText(report.given_up.requests),
    ],
  ];
  const codes = listText(answered.rejected_by_code);
  return [
    tableText(rows),
    `${report.clients} clients, ${report.seconds} s. Answers: ${listText(answered.by_status)}; none: ${report.without_answer}`,
    ...(codes === "" ? [] : [`Rejected: ${codes}`]),
    `Latency: p50 ${latency.p50} ms, p95 ${latency.p95} ms, p99 ${latency.p99} ms, max ${latency.max} ms`,
    conservation.holds
      ? "Conservation holds: every event was accepted once, recognised as a duplicate, or rejected for its reason."
      : `Conservation does not hold:\n  ${conservation.problems.join("\n  ")}`,
  ].join("\n");
}

function listText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} × ${countText(count)}`)
    .join(", ");
}
