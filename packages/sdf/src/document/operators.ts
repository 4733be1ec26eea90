import type { Operator, Service } from "./ir.ts";

/** Every operator of a service, in the order a record meets them. */
export function operatorsOf(service: Service): Operator[] {
  const { window } = service;
  const partition = window?.partition ?? service.partition;
  const some = (operator: Operator | undefined): Operator[] =>
    operator === undefined ? [] : [operator];
  return [
    ...service.sources.flatMap((source) => source.transforms),
    ...service.transforms,
    ...some(window?.assignTimestamp),
    ...(window?.transforms ?? []),
    ...some(partition?.assignKey),
    ...(partition?.transforms ?? []),
    ...some(partition?.updateState),
    ...some(window?.updateState),
    ...some(window?.flush),
    ...service.sinks.flatMap((sink) => sink.transforms),
  ];
}
