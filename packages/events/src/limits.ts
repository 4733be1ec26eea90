/**
 * The limits every room shares. Each has its unit in its name and its reason beside it.
 * A room's private limits live in that room.
 */
export const LIMITS = {
  /** Body of one POST, after inflating. A Journal row holds one batch and Durable Object rows end at 2 MB. */
  bodyBytesMax: 1024 * 1024,
  /** Events in one POST. Same as the largest batch that GameAnalytics SDKs send. */
  batchEventsMax: 500,
  /** Characters of an identifier such as `player_id`. */
  idCharsMax: 128,
  /** Characters of free text such as `reason`. */
  textCharsMax: 256,
  /** Fields beyond the documented ones that one event may carry; they are kept as they are. */
  extraFieldsMax: 50,
  /** JSON characters of one event, all fields together. */
  eventCharsMax: 16 * 1024,
  /** How far ahead of arrival an event time may be before the client's clock is taken to be wrong. */
  futureMsMax: 5 * 60 * 1000,
  /** How old an event may be on arrival (a phone that was offline) before its clock is taken to be wrong. */
  pastMsMax: 7 * 24 * 60 * 60 * 1000,
} as const;
