/** The `services` section. */
import type { Edge, OwnState, Partition, Place, Service, Window } from "./ir.ts";
import { isName } from "./names.ts";
import { operatorsOf } from "./operators.ts";
import { readDuration } from "./read-duration.ts";
import { readNamed, readTransforms } from "./read-operator.ts";
import { scheduleId } from "./read-schedules.ts";
import { readStates } from "./read-states.ts";
import type { Entry, Reader } from "./reader.ts";
import type { Types } from "./read-types.ts";

const SERVICE_KEYS = ["sources", "states", "transforms", "window", "partition", "sinks"] as const;
const WINDOW_KEYS = [
  "tumbling",
  "sliding",
  "watermark",
  "assign-timestamp",
  "transforms",
  "partition",
  "update-state",
  "flush",
] as const;

export function readServices(reader: Reader, entry: Entry | undefined, types: Types): Service[] {
  if (entry === undefined) return [];
  const services: Service[] = [];
  for (const item of reader.map(entry.value, "services", entry.at)) {
    if (isName(item.key)) services.push(readService(reader, item, types));
    else reader.report(item.at, `"${item.key}" cannot be the name of a service`);
  }
  return services;
}

function readService(reader: Reader, item: Entry, types: Types): Service {
  const fields = reader.fields(item.value, `service "${item.key}"`, item.at, SERVICE_KEYS);
  const window = readWindow(reader, fields.window);
  const partition = readPartition(reader, fields.partition);
  const before = reader.problems.length;
  const sources = readEdges(reader, fields.sources);
  // Where sources were refused, that is the problem.
  if (sources.length === 0 && reader.problems.length === before)
    reader.report(item.at, `service "${item.key}" has no sources`);
  if (window !== undefined && fields.partition !== undefined)
    reader.report(
      fields.partition.at,
      "a service with a window has its partition inside the window",
    );
  return withPackageStates(reader, {
    name: item.key,
    sources,
    states: readStates(reader, fields.states, types),
    transforms: readTransforms(reader, fields.transforms),
    ...(window === undefined ? {} : { window }),
    ...(partition === undefined ? {} : { partition }),
    sinks: readEdges(reader, fields.sinks),
    at: item.at,
  });
}

/** A service has the states of the packages' functions that it uses, unless it declares them itself. */
function withPackageStates(reader: Reader, service: Service): Service {
  const states = [...service.states];
  for (const { states: needed = [], signature } of operatorsOf(service)) {
    for (const state of needed) {
      const known = states.find(({ identifier }) => identifier === state.identifier);
      if (known === undefined) states.push({ ...state, at: signature.at });
      else if (known.kind === "own" && !isAlike(known, state))
        reader.report(
          known.at,
          `state "${known.name}" is not as ${signature.name} of the package has it`,
          "leave it out: the service has the package's then; or give it another name",
        );
    }
  }
  return { ...service, states };
}

function isAlike(a: OwnState, b: OwnState): boolean {
  const shape = ({ key, value }: OwnState): string => JSON.stringify([key, value]);
  return shape(a) === shape(b);
}

function readEdges(reader: Reader, entry: Entry | undefined): Edge[] {
  if (entry === undefined) return [];
  const edges: Edge[] = [];
  for (const node of reader.list(entry.value, entry.key, entry.at)) {
    const at = reader.place(node, entry.at);
    const fields = reader.fields(node, entry.key, at, ["type", "id", "transforms"]);
    const type = reader.string(fields.type, "type", at);
    const id = reader.string(fields.id, "id", at);
    const isSchedule = type === "schedule" && entry.key === "sources";
    if (type !== undefined && type !== "topic" && !isSchedule) {
      const hint = entry.key === "sources" ? "topic or schedule" : "only topics are supported";
      reader.report(at, `${entry.key} of type "${type}" are not supported`, hint);
    } else if (id !== undefined) {
      const topic = isSchedule ? scheduleId(id) : id;
      const place = reader.place(fields.id?.value ?? null, at);
      edges.push({ topic, transforms: readTransforms(reader, fields.transforms), at: place });
    }
  }
  return edges;
}

function readPartition(reader: Reader, entry: Entry | undefined): Partition | undefined {
  if (entry === undefined) return undefined;
  const keys = ["assign-key", "transforms", "update-state"] as const;
  const fields = reader.fields(entry.value, "partition", entry.at, keys);
  if (fields["assign-key"] === undefined)
    return reader.report(entry.at, "partition needs assign-key");
  const assignKey = readNamed(reader, fields["assign-key"], "assign-key");
  const transforms = readTransforms(reader, fields.transforms);
  const updateState = readNamed(reader, fields["update-state"], "update-state");
  if (fields.transforms === undefined && fields["update-state"] === undefined)
    reader.report(entry.at, "partition needs transforms or update-state");
  if (assignKey === undefined) return undefined;
  return { assignKey, transforms, ...(updateState === undefined ? {} : { updateState }) };
}

function readWindow(reader: Reader, entry: Entry | undefined): Window | undefined {
  if (entry === undefined) return undefined;
  const fields = reader.fields(entry.value, "window", entry.at, WINDOW_KEYS);
  const size = readSize(reader, fields, entry.at);
  const watermark = fields.watermark;
  const mark = reader.fields(watermark?.value ?? null, "watermark", entry.at, [
    "grace-period",
    "idleness",
  ]);
  const idlenessMs = readDuration(reader, mark.idleness, "idleness");
  const assignTimestamp = readNamed(reader, fields["assign-timestamp"], "assign-timestamp");
  const partition = readPartition(reader, fields.partition);
  const updateState = readNamed(reader, fields["update-state"], "update-state");
  const flush = readNamed(reader, fields.flush, "flush");
  if (size === undefined) return undefined;
  return {
    ...size,
    graceMs: readDuration(reader, mark["grace-period"], "grace-period") ?? 0,
    ...(idlenessMs === undefined ? {} : { idlenessMs }),
    ...(assignTimestamp === undefined ? {} : { assignTimestamp }),
    transforms: readTransforms(reader, fields.transforms),
    ...(partition === undefined ? {} : { partition }),
    ...(updateState === undefined ? {} : { updateState }),
    ...(flush === undefined ? {} : { flush }),
    at: entry.at,
  };
}

type Size = Pick<Window, "kind" | "durationMs" | "slideMs">;

function readSize(
  reader: Reader,
  fields: Partial<Record<(typeof WINDOW_KEYS)[number], Entry>>,
  at: Place,
): Size | undefined {
  const kind = fields.sliding === undefined ? "tumbling" : "sliding";
  const entry = fields[kind];
  if (entry === undefined || (fields.sliding !== undefined && fields.tumbling !== undefined))
    return reader.report(
      at,
      "a window is either tumbling or sliding",
      "add `tumbling: { duration: 10s }`",
    );
  const keys = kind === "sliding" ? (["duration", "slide"] as const) : (["duration"] as const);
  const inner: Partial<Record<"duration" | "slide", Entry>> = reader.fields(
    entry.value,
    kind,
    entry.at,
    keys,
  );
  for (const key of keys)
    if (inner[key] === undefined) reader.report(entry.at, `${kind} needs ${key}`);
  const durationMs = readDuration(reader, inner.duration, "duration");
  const slideMs = kind === "sliding" ? readDuration(reader, inner.slide, "slide") : durationMs;
  if (durationMs === undefined || slideMs === undefined) return undefined;
  if (durationMs < 1 || slideMs < 1)
    return reader.report(entry.at, "a window must last at least 1ms");
  if (slideMs > durationMs)
    return reader.report(inner.slide?.at ?? entry.at, "slide must not be longer than duration");
  return { kind, durationMs, slideMs };
}
