/** Which events the debugger shows: those that match the page's filter, a topic and a text. */
import type { Filter } from "../route.ts";

export interface EventFilter {
  readonly filter: Filter;
  /** Empty for all. */
  readonly topic: string;
  /** Every word must be in the event, in whatever case; empty for all. */
  readonly text: string;
}

/** The event's field that each part of the page's filter is about. */
const FIELDS = {
  title: "title_id",
  level: "level_id",
  map: "map_id",
  item: "item_id",
  server: "server_id",
  region: "region",
  platform: "platform",
} as const;

/** Does an event match? Fields that an event does not have exclude it only where they are asked for. */
export function matches(
  event: {
    readonly topic: string;
    readonly text: string;
    readonly fields: { readonly [field: string]: unknown };
  },
  { filter, topic, text }: EventFilter,
): boolean {
  if (topic !== "" && event.topic !== topic) return false;
  for (const [name, wanted] of Object.entries(filter)) {
    const field = FIELDS[name as keyof typeof FIELDS];
    if (event.fields[field] !== wanted) return false;
  }
  const written = event.text.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => written.includes(word));
}

/** The fields of an event as text, which may be no JSON at all. */
export function fieldsOf(text: string): { readonly [field: string]: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** An event over several lines, or as it stands when it is no JSON. */
export function prettyEvent(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
