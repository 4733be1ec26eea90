/** What is wrong with a file of alert rules, found without a Grafana. */

interface Step {
  readonly refId?: string;
  readonly datasourceUid?: string;
  readonly relativeTimeRange?: { readonly from: number; readonly to: number };
  readonly model?: {
    readonly refId?: string;
    readonly target?: string;
    readonly expression?: string;
  };
}

interface Rule {
  readonly uid?: string;
  readonly title?: string;
  readonly condition?: string;
  readonly noDataState?: string;
  readonly execErrState?: string;
  readonly data?: readonly Step[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface AlertFile {
  readonly apiVersion?: number;
  readonly groups?: readonly {
    readonly name?: string;
    readonly folder?: string;
    readonly interval?: string;
    readonly rules?: readonly Rule[];
  }[];
}

/** Grafana's scheduler looks every ten seconds. */
const INTERVAL_S = 10;
const EXPRESSION = "__expr__";
const STATES = new Set(["OK", "NoData", "Alerting", "KeepLast"]);
const ERROR_STATES = new Set(["OK", "Error", "Alerting", "KeepLast"]);

/**
 * @param known data sources that are provisioned, dashboards, and runbooks by file name
 * @returns one line per problem
 */
export function alertProblems(
  file: AlertFile,
  known: {
    readonly dataSources: ReadonlySet<string>;
    readonly dashboards: ReadonlySet<string>;
    readonly runbooks: ReadonlySet<string>;
  },
): string[] {
  const uids = new Set<string>();
  const problems = file.apiVersion === 1 ? [] : ["apiVersion: should be 1"];
  for (const group of file.groups ?? []) {
    if (!group.folder) problems.push(`group ${group.name}: has no folder`);
    const seconds = Number(/^(\d+)s$/.exec(group.interval ?? "")?.[1]);
    if (!(seconds > 0) || seconds % INTERVAL_S !== 0) {
      problems.push(`group ${group.name}: interval should be a multiple of ${INTERVAL_S}s`);
    }
    for (const rule of group.rules ?? []) {
      if (rule.uid !== undefined && uids.has(rule.uid))
        problems.push(`${rule.uid}: is there twice`);
      uids.add(rule.uid ?? "");
      problems.push(...ruleProblems(rule, known).map((what) => `${rule.uid ?? "a rule"}: ${what}`));
    }
  }
  return problems;
}

/** The targets of all rules. */
export function alertTargets(
  file: AlertFile,
): { readonly rule: string; readonly target: string }[] {
  return (file.groups ?? []).flatMap(({ rules }) =>
    (rules ?? []).flatMap(({ uid, data }) =>
      (data ?? []).flatMap(({ model }) =>
        model?.target === undefined ? [] : [{ rule: uid ?? "", target: model.target }],
      ),
    ),
  );
}

function ruleProblems(rule: Rule, known: Parameters<typeof alertProblems>[1]): string[] {
  const problems: string[] = [];
  if (!rule.uid) problems.push("has no uid");
  if (!rule.title) problems.push("has no title");
  // Title and labels are expanded with the environment.
  for (const text of [rule.title ?? "", ...Object.values(rule.labels ?? {})]) {
    if (/\$(?!\$)/.test(text.replaceAll("$$", ""))) problems.push(`write $$ for $ in ${text}`);
  }
  if (!STATES.has(rule.noDataState ?? "")) problems.push("noDataState is not chosen");
  if (!ERROR_STATES.has(rule.execErrState ?? "")) problems.push("execErrState is not chosen");
  const ids = (rule.data ?? []).map(({ refId }) => refId ?? "");
  if (!ids.includes(rule.condition ?? "")) {
    problems.push(`the condition ${rule.condition} is none of its queries`);
  }
  rule.data?.forEach((step, at) => {
    problems.push(
      ...stepProblems(step, { before: ids.slice(0, at), dataSources: known.dataSources }),
    );
  });
  const runbook = rule.annotations?.["runbook_url"] ?? "";
  if (!known.runbooks.has(runbook.slice(runbook.lastIndexOf("/") + 1))) {
    problems.push(`there is no runbook ${runbook}`);
  }
  const dashboard = rule.annotations?.["__dashboardUid__"] ?? "";
  if (!known.dashboards.has(dashboard)) problems.push(`there is no dashboard ${dashboard}`);
  return problems;
}

function stepProblems(
  { refId, datasourceUid, relativeTimeRange, model }: Step,
  { before, dataSources }: { before: readonly string[]; dataSources: ReadonlySet<string> },
): string[] {
  const problems: string[] = [];
  if (model?.refId !== refId) problems.push(`${refId}: its model is ${model?.refId}`);
  if (before.includes(refId ?? "")) problems.push(`${refId}: is there twice`);
  if (datasourceUid === EXPRESSION) {
    if (!before.includes(model?.expression ?? "")) {
      problems.push(`${refId}: ${model?.expression} is not before it`);
    }
    return problems;
  }
  if (!dataSources.has(datasourceUid ?? "")) {
    problems.push(`${refId}: the data source ${datasourceUid} is not provisioned`);
  }
  if (relativeTimeRange === undefined || relativeTimeRange.from <= relativeTimeRange.to) {
    problems.push(`${refId}: looks at no time`);
  }
  const target = model?.target ?? "";
  if (target === "") problems.push(`${refId}: has no target`);
  // The backend expands neither.
  if (/[$#]/.test(target)) problems.push(`${refId}: $ and # mean nothing in an alert's target`);
  // All groups of these get the same tags, which makes labels that are twice there.
  if (/groupByNode|sumSeriesWithWildcards/.test(target)) {
    problems.push(`${refId}: groupByNode and sumSeriesWithWildcards make duplicate labels`);
  }
  return problems;
}
