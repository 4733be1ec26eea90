/**
 * Makes lines of a body that was stored as it came: taken apart as the edge took it apart, without the
 * events that were left out, each completed with what the edge noted at its arrival.
 */
import type { JsonObject } from "@arenaflow/events";

import { parseEvents } from "../body/parse-events.ts";
import { decodeBody } from "../body/read-body.ts";
import { lineWriter } from "../body/write-line.ts";
import type { Batch, RawForm } from "./messages.ts";

const NDJSON = "application/x-ndjson";

/** The stored events of a body, in order, each as one line without its end. */
export function rawLines(body: Uint8Array, form: RawForm): readonly string[] {
  const events = parseEvents(decodeBody(body), form.lines ? NDJSON : null);
  const write = lineWriter(form.topic, form.stamp);
  const lines: string[] = [];
  let next = 0;
  for (let index = 0; index < events.length; index += 1) {
    if (index === form.leftOut[next]) next += 1;
    else lines.push(write(events[index] as JsonObject, index).text);
  }
  return lines;
}

/** The events of a row, in order, each as one line without its end. */
export function batchLines({ body, raw }: Batch): readonly string[] {
  if (raw !== null) return rawLines(body, JSON.parse(raw) as RawForm);
  return decodeBody(body).trimEnd().split("\n");
}
