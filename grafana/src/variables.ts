/** The variables of the dashboards. Each lists what Graphite has below a path now. */
import {
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { GRAPHITE } from "./graphite-query.ts";

/** Which game title: where its series begin. One at a time; titles are never added up. */
export function titleVariable(): QueryVariableBuilder {
  return variable({ name: "title", label: "Title", query: "gaming*" }).current({
    text: "gaming",
    value: "gaming",
  });
}

/** Any number of what is at the end of a path; all of them at first. */
export function listVariable(options: {
  readonly name: string;
  readonly label: string;
  readonly query: string;
}): QueryVariableBuilder {
  return variable(options)
    .multi(true)
    .includeAll(true)
    .current({ text: ["All"], value: ["$__all"] });
}

function variable(options: {
  readonly name: string;
  readonly label: string;
  readonly query: string;
}): QueryVariableBuilder {
  const builder = new QueryVariableBuilder(options.name)
    .label(options.label)
    .datasource(GRAPHITE)
    .query(options.query)
    .refresh(VariableRefresh.OnTimeRangeChanged);
  // oxlint-disable-next-line unicorn/no-array-sort -- the builder's own, of no array
  return builder.sort(VariableSort.NaturalAsc);
}
