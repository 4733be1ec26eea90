/** A query of Grafana's Graphite data source; the Foundation SDK has builders for others only. */
import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";

/** The uid under which `provisioning/datasources/graphite.yaml` makes the data source known. */
export const GRAPHITE = { type: "graphite", uid: "graphite" } as const;

interface GraphiteQuery extends Dataquery {
  refId: string;
  target: string;
  textEditor: true;
  datasource: typeof GRAPHITE;
}

export class GraphiteQueryBuilder implements Builder<Dataquery> {
  readonly #query: GraphiteQuery;

  constructor(refId: string, target: string) {
    // `_implementsDataqueryVariant` is how the SDK tells queries apart; it is not written.
    this.#query = {
      refId,
      target,
      textEditor: true,
      datasource: GRAPHITE,
      _implementsDataqueryVariant: () => undefined,
    };
  }

  build(): Dataquery {
    return this.#query;
  }
}
