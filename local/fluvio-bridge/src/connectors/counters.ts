/** What a connector has done since it was started. */

export interface ConnectorCounters {
  /** Source: records acknowledged by the topic. Sink: records the endpoint has taken. */
  records: number;
  /** Sources: responses with another status than 2xx, and records too long to send. Sinks: records the endpoint refused for good. */
  refused: number;
  /** Tries that had to be repeated: no answer, busy, unreachable. */
  retries: number;
}

/** All counters at zero. */
export function newCounters(): ConnectorCounters {
  return { records: 0, refused: 0, retries: 0 };
}

/** What every kind of connector is given to work with. */
export interface ConnectorTools {
  readonly signal: AbortSignal;
  readonly counters: ConnectorCounters;
  readonly log: (level: "debug" | "info" | "warn", message: string) => void;
  /** The other end has answered, or not: told at every change. */
  readonly onHealth: (healthy: boolean) => void;
}
