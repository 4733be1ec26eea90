/** Takes the body of a machine's request: one JSON object. */
import { describeValue, type JsonObject } from "@arenaflow/events";

import { Problem } from "../problem.ts";
import { describeFault, jsonFault } from "./json-position.ts";

/** @throws Problem when the text is anything but one JSON object */
export function parseObject(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    const { reason, ...place } = jsonFault(text, thrown);
    const got = describeFault({ reason, ...place });
    const more = { field: "", expected: "one JSON object", got, ...place };
    throw new Problem("invalid_json", `The body is not JSON: ${got}.`, more);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  const got = describeValue(value);
  throw new Problem("invalid_field", `The body is ${got}, expected one JSON object.`, {
    field: "",
    expected: "one JSON object",
    got,
  });
}
