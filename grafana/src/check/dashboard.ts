/** What is wrong with a dashboard file, found without a Grafana: schema, grid, references. */
import { readFileSync } from "node:fs";
import { Ajv, type ErrorObject } from "ajv";

/** Of a target, an expression with its variables still in it. */
export interface Target {
  readonly refId: string;
  readonly target: string;
}

interface Panel {
  readonly id?: number;
  readonly title?: string;
  readonly gridPos?: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly datasource?: { readonly uid?: string };
  readonly targets?: readonly (Target & { readonly datasource?: { readonly uid?: string } })[];
}

interface Variable {
  readonly name: string;
  readonly query?: unknown;
  readonly datasource?: { readonly uid?: string };
}

export interface DashboardFile {
  readonly id?: unknown;
  readonly uid?: string;
  readonly panels?: readonly Panel[];
  readonly templating?: { readonly list?: readonly Variable[] };
}

const UID_CHARS_MAX = 40;
const COLUMNS = 24;
/** Grafana's own variables; `$__…` and those of time are always there. */
const BUILT_IN = /^__|^(timeFilter|interval|timezone)$/;
const VARIABLE = /\$(?:\{(\w+)(?::\w+)?\}|(\w+))/g;
/** Grafana takes `#A` for the result of another query, also within a colour. */
const REFERENCE = /#([A-Z])/g;

const schema = JSON.parse(
  readFileSync(new URL("../../schema/dashboard.schema.json", import.meta.url), "utf8"),
) as object;
const validate = new Ajv({ allErrors: true, strict: false }).compile(schema);

/**
 * @param dataSources uids of the data sources that are provisioned
 * @returns one line per problem
 */
export function dashboardProblems(file: unknown, dataSources: ReadonlySet<string>): string[] {
  const problems = validate(file) ? [] : (validate.errors ?? []).map(describe);
  if (typeof file !== "object" || file === null) return problems;
  const dashboard = file as DashboardFile;
  const panels = dashboard.panels ?? [];
  return [
    ...problems,
    ...identity(dashboard),
    ...panelIds(panels),
    ...grid(panels),
    ...sources(dashboard, dataSources),
    ...panels.flatMap((panel) => references(panel, dashboard)),
    ...variables(dashboard),
  ];
}

/** Every target of every panel, with the panel's title. */
export function targetsOf(dashboard: DashboardFile): (Target & { readonly panel: string })[] {
  return (dashboard.panels ?? []).flatMap((panel) =>
    (panel.targets ?? []).map(({ refId, target }) => ({ refId, target, panel: nameOf(panel) })),
  );
}

function describe({ instancePath, message, params }: ErrorObject): string {
  return `schema: ${instancePath || "/"} ${message ?? ""} ${JSON.stringify(params)}`;
}

function nameOf(panel: Panel): string {
  return panel.title ?? `panel ${panel.id ?? "without an id"}`;
}

function identity({ id, uid }: DashboardFile): string[] {
  const problems: string[] = [];
  if (typeof id === "number") problems.push("id: a number is only for one Grafana; leave it out");
  if (uid === undefined || uid === "") problems.push("uid: is missing, so links would break");
  else if (uid.length > UID_CHARS_MAX)
    problems.push(`uid: longer than ${UID_CHARS_MAX} characters`);
  return problems;
}

function panelIds(panels: readonly Panel[]): string[] {
  const seen = new Set<number>();
  return panels.flatMap((panel) => {
    if (panel.id === undefined) return [`${nameOf(panel)}: has no id`];
    if (seen.has(panel.id)) return [`${nameOf(panel)}: id ${panel.id} is another panel's too`];
    seen.add(panel.id);
    return [];
  });
}

function grid(panels: readonly Panel[]): string[] {
  const problems: string[] = [];
  panels.forEach((panel, at) => {
    const place = panel.gridPos;
    if (place === undefined) {
      problems.push(`${nameOf(panel)}: has no place (gridPos)`);
      return;
    }
    if (place.x < 0 || place.w < 1 || place.h < 1 || place.x + place.w > COLUMNS) {
      problems.push(`${nameOf(panel)}: leaves the ${COLUMNS} columns`);
    }
    for (const other of panels.slice(at + 1)) {
      const b = other.gridPos;
      if (b === undefined) continue;
      const isApart =
        place.x + place.w <= b.x ||
        b.x + b.w <= place.x ||
        place.y + place.h <= b.y ||
        b.y + b.h <= place.y;
      if (!isApart) problems.push(`${nameOf(panel)}: lies over ${nameOf(other)}`);
    }
  });
  return problems;
}

function sources(dashboard: DashboardFile, known: ReadonlySet<string>): string[] {
  const used = [
    ...(dashboard.panels ?? []).flatMap((panel) => [
      { of: nameOf(panel), uid: panel.datasource?.uid },
      ...(panel.targets ?? []).map((target) => ({
        of: `${nameOf(panel)}/${target.refId}`,
        uid: target.datasource?.uid,
      })),
    ]),
    ...(dashboard.templating?.list ?? []).map(({ name, datasource }) => ({
      of: `variable ${name}`,
      uid: datasource?.uid,
    })),
  ];
  return used.flatMap(({ of, uid }) =>
    uid !== undefined && known.has(uid) ? [] : [`${of}: the data source ${uid} is not provisioned`],
  );
}

function references(panel: Panel, dashboard: DashboardFile): string[] {
  const targets = panel.targets ?? [];
  const names = new Set((dashboard.templating?.list ?? []).map(({ name }) => name));
  const ids = new Set<string>();
  return targets.flatMap(({ refId, target }) => {
    const where = `${nameOf(panel)}/${refId}`;
    const problems = unknownVariables(target, names).map(
      (name) => `${where}: there is no variable ${name}`,
    );
    if (ids.has(refId)) problems.push(`${where}: refId is another query's too`);
    ids.add(refId);
    if (target.trim() === "") problems.push(`${where}: has no target`);
    for (const [, id = ""] of target.matchAll(REFERENCE)) {
      if (!targets.some((other) => other.refId === id))
        problems.push(`${where}: there is no query #${id}`);
    }
    return problems;
  });
}

/** A variable may only use those before it. */
function variables({ templating }: DashboardFile): string[] {
  const known = new Set<string>();
  return (templating?.list ?? []).flatMap(({ name, query }) => {
    const problems = unknownVariables(typeof query === "string" ? query : "", known).map(
      (other) => `variable ${name}: there is no variable ${other} before it`,
    );
    if (known.has(name)) problems.push(`variable ${name}: is there twice`);
    known.add(name);
    return problems;
  });
}

function unknownVariables(text: string, known: ReadonlySet<string>): string[] {
  return [...text.matchAll(VARIABLE)]
    .map(([, braced, plain]) => braced ?? plain ?? "")
    .filter((name) => !known.has(name) && !BUILT_IN.test(name));
}
