/** What Grafana asks of Graphite, asked the same way. */
import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { type AlertFile, alertTargets } from "../../grafana/src/check/alerts.ts";
import { type DashboardFile, targetsOf } from "../../grafana/src/check/dashboard.ts";

const GRAFANA = new URL("../../grafana/", import.meta.url);

export interface Series {
  readonly target: string;
  readonly datapoints: readonly (readonly [value: number | null, seconds: number])[];
}

/** A target as it is rendered, and where it comes from. */
export interface Query {
  readonly from: string;
  readonly target: string;
}

export class GraphiteClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Renders one target from a time on, in epoch seconds. @throws when Graphite refuses it */
  async render(target: string, fromS: number): Promise<Series[]> {
    const body = new URLSearchParams({
      target,
      from: String(fromS),
      until: "now",
      format: "json",
      maxDataPoints: "1000",
    });
    const response = await fetch(`${this.#url}/render`, { method: "POST", body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} for ${target}: ${text.slice(0, 300)}`);
    return JSON.parse(text) as Series[];
  }

  /** Names below a path, as a variable lists them. */
  async find(query: string): Promise<string[]> {
    const body = new URLSearchParams({ query });
    const response = await fetch(`${this.#url}/metrics/find?from=-1h&until=now`, {
      method: "POST",
      body,
    });
    const nodes = (await response.json()) as { text: string }[];
    return [...new Set(nodes.map(({ text }) => text))].toSorted();
  }

  /** Every target of all dashboards with its variables filled in, and the variables' own values. */
  async dashboardQueries(): Promise<{ queries: Query[]; variables: Map<string, string[]> }> {
    const queries: Query[] = [];
    const variables = new Map<string, string[]>();
    for (const name of readdirSync(new URL("dashboards/", GRAFANA))) {
      const file = readFileSync(new URL(`dashboards/${name}`, GRAFANA), "utf8");
      const dashboard = JSON.parse(file) as DashboardFile;
      const chosen = new Map<string, string>();
      for (const variable of dashboard.templating?.list ?? []) {
        const found = await this.find(fillIn(String(variable.query), chosen));
        variables.set(`${name} $${variable.name}`, found);
        // One title at a time; of everything else all values, as Grafana writes several.
        const value = variable.name === "title" ? "gaming" : `{${found.join(",")}}`;
        chosen.set(variable.name, value);
      }
      for (const { panel, refId, target } of targetsOf(dashboard)) {
        queries.push({ from: `${name} ${panel} ${refId}`, target: fillIn(target, chosen) });
      }
    }
    return { queries, variables };
  }
}

/** The targets of all alert rules. */
export function alertQueries(): Query[] {
  const file = readFileSync(new URL("provisioning/alerting/gaming.yaml", GRAFANA), "utf8");
  return alertTargets(parse(file) as AlertFile).map(({ rule, target }) => ({ from: rule, target }));
}

/** As Grafana's frontend sends a target of the query A. */
export function asFrontend(target: string): string {
  return `aliasSub(${target}, "(^.*$)", "\\1 A")`;
}

/** Points that are there, by second. */
export function pointsOf({ datapoints }: Series): Map<number, number> {
  return new Map(
    datapoints.flatMap(([value, seconds]) => (value === null ? [] : [[seconds, value]])),
  );
}

function fillIn(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$(\w+)/g, (whole, name: string) => values.get(name) ?? whole);
}
