/** One function of a dataflow on its own: a dataflow of one source, that function, and one sink. */
import type {
  Dataflow,
  Operator,
  OwnState,
  Primitive,
  Service,
  Topic,
  TypeUse,
} from "../document/ir.ts";
import { RUST_PRIMITIVE } from "../document/ir.ts";
import { keyValue, RustTypes } from "../document/rust-types.ts";
import { genericArguments } from "../document/signature.ts";
import { operatorsOf } from "../document/operators.ts";

const AT = { line: 1, column: 1 };

/** Why there is no such dataflow, as a sentence. */
export class NoSuchFunction extends Error {
  constructor(message: string) {
    super(message);
    this.name = "NoSuchFunction";
  }
}

/**
 * The function's name may have dashes, as packages write it. Its states are there, and empty.
 * @throws NoSuchFunction
 */
export function dataflowOfFunction(dataflow: Dataflow, name: string): Dataflow {
  const { service, operator } = find(dataflow, name.replaceAll("-", "_"));
  const types = new RustTypes(dataflow.types);
  const input = useOf(operator.signature.parameters.at(-1)?.type ?? "", types, dataflow);
  const output = useOf(resultOf(operator, types), types, dataflow);
  const topics = [
    topic("value", input ?? fail(operator, "takes")),
    topic("result", output ?? fail(operator, "gives")),
  ];
  const states = service.states.map((state): OwnState => {
    if (state.kind === "own") return state;
    const owner = dataflow.services.find((other) => other.name === state.service);
    const own = owner?.states.find((other) => other.kind === "own" && other.name === state.state);
    if (own?.kind !== "own") throw new NoSuchFunction(`The state ${state.name} was not found.`);
    return { ...own, name: state.name, identifier: state.identifier };
  });
  const transform: Operator =
    operator.kind === "assign-key" ? { ...operator, kind: "map" } : operator;
  const only: Service = {
    name: service.name,
    sources: [{ topic: "value", transforms: [], at: AT }],
    states,
    transforms: [transform],
    sinks: [{ topic: "result", transforms: [], at: AT }],
    at: service.at,
  };
  return { ...dataflow, topics, services: [only] };
}

function find(dataflow: Dataflow, name: string): { service: Service; operator: Operator } {
  const all = dataflow.services.flatMap((service) =>
    operatorsOf(service).map((operator) => ({ service, operator })),
  );
  const found = all.find(({ operator }) => operator.signature.name === name);
  if (found === undefined) {
    const names = [...new Set(all.map(({ operator }) => operator.signature.name))];
    throw new NoSuchFunction(`There is no function ${name}. There are: ${names.join(", ")}.`);
  }
  const { kind } = found.operator;
  if (kind === "update-state" || kind === "flush" || kind === "assign-timestamp")
    throw new NoSuchFunction(
      `${name} is the ${kind} of ${found.service.name}: it works on a window or a state, not on a value alone. Give the dataflow records in dataflow.test.yaml instead.`,
    );
  return found;
}

/** The type of what follows the operator. */
function resultOf({ kind, signature }: Operator, types: RustTypes): string {
  const { output, parameters } = signature;
  const value = (type: string): string => keyValue(type)?.value ?? type;
  if (kind === "filter") return parameters.at(-1)?.type ?? "";
  if (kind === "filter-map") return value(genericArguments(output, "Option")?.[0] ?? "");
  if (kind === "flat-map")
    return value(genericArguments(output, "Vec")?.[0] ?? types.item(output) ?? "");
  return value(output);
}

function useOf(rust: string, types: RustTypes, dataflow: Dataflow): TypeUse | undefined {
  const wanted = types.canonical(rust);
  const primitive = Object.entries(RUST_PRIMITIVE).find(([, type]) => type === wanted)?.[0];
  if (primitive !== undefined) return { kind: "primitive", primitive: primitive as Primitive };
  const found = dataflow.types.find(({ rustName }) => types.same(rustName, wanted));
  return found === undefined ? undefined : { kind: "named", name: found.name };
}

function fail({ signature }: Operator, what: string): never {
  throw new NoSuchFunction(
    `${signature.name} ${what} a type that has no name in the dataflow; give it one under types.`,
  );
}

/** Texts are as they are, anything else is JSON. */
function topic(id: string, value: TypeUse): Topic {
  const converter = value.kind === "primitive" && value.primitive === "string" ? "raw" : "json";
  const start = { position: "beginning", value: 0 } as const;
  return { id, name: id, value, converter, start, consumer: {}, producer: {}, at: AT };
}
