import type { JsonObject } from "@arenaflow/events";

export type Event = JsonObject & { readonly [name: string]: unknown };

export function groupBy(events: readonly Event[], field: string): Map<unknown, Event[]> {
  return Map.groupBy(events, (event) => event[field]);
}

export function timeOf(event: Event): number {
  return Date.parse(String(event["timestamp"] ?? event["purchase_timestamp"]));
}
