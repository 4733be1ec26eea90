/**
 * The alert rules as Grafana's file provisioning reads them. Backend queries know neither variables
 * nor references: the targets stand alone. `gaming*` is every title.
 */
import { GRAPHITE } from "./graphite-query.ts";

/** Where the runbooks are served; an environment variable of Grafana. */
const RUNBOOKS = "${ARENAFLOW_RUNBOOKS_URL}";
const FOLDER = "Gaming Alerts";
const POINTS_MAX = 500;

interface Alert {
  readonly uid: string;
  readonly title: string;
  readonly target: string;
  /** How far back it looks, in seconds. The newest slot is still empty: it ends ten seconds ago. */
  readonly lookBackS: number;
  readonly reducer: "last" | "sum" | "max";
  readonly evaluator: { readonly type: "gt" | "lt"; readonly params: readonly [number] };
  readonly for: string;
  /** When there is no series at all. */
  readonly noDataState: "OK" | "Alerting";
  readonly severity: "warning" | "critical";
  readonly summary: string;
  readonly runbook: string;
  readonly dashboard: string;
}

const ALERTS: readonly Alert[] = [
  {
    uid: "gaming-latency-high",
    title: "Server latency high",
    target:
      "aliasByNode(movingAverage(removeEmptySeries(gaming*.servers.*.latency), '1min'), 0, 2)",
    lookBackS: 300,
    reducer: "last",
    evaluator: { type: "gt", params: [150] },
    for: "1m",
    noDataState: "OK",
    severity: "warning",
    summary:
      "{{ $labels.name }}: mean latency of the last minute is {{ $values.B.Value }} ms, more than 150",
    runbook: "server-latency.md",
    dashboard: "gaming-server-health",
  },
  {
    uid: "gaming-disconnects-high",
    title: "Many connections lost",
    target: "aliasByNode(transformNull(gaming*.servers.*.disconnects, 0), 0, 2)",
    lookBackS: 300,
    reducer: "sum",
    evaluator: { type: "gt", params: [50] },
    for: "0s",
    noDataState: "OK",
    severity: "warning",
    summary:
      "{{ $labels.name }}: {{ $values.B.Value }} connections lost within five minutes, more than 50",
    runbook: "disconnects.md",
    dashboard: "gaming-server-health",
  },
  {
    uid: "gaming-server-silent",
    title: "Server silent",
    target: "aliasByNode(removeEmptySeries(gaming*.servers.*.up), 0, 2)",
    lookBackS: 120,
    reducer: "last",
    evaluator: { type: "lt", params: [1] },
    for: "30s",
    noDataState: "Alerting",
    severity: "critical",
    summary: "{{ $labels.name }}: nothing measured for more than ten seconds",
    runbook: "silent-server.md",
    dashboard: "gaming-server-health",
  },
  {
    uid: "gaming-fraud-spike",
    title: "Fraud flags pile up",
    target: "aliasByNode(transformNull(gaming*.fraud.*.flags, 0), 0, 2)",
    lookBackS: 300,
    reducer: "sum",
    evaluator: { type: "gt", params: [5] },
    for: "0s",
    noDataState: "OK",
    severity: "warning",
    summary: "{{ $labels.name }}: {{ $values.B.Value }} flags within five minutes, more than 5",
    runbook: "fraud-spike.md",
    dashboard: "gaming-economy-fraud",
  },
  {
    uid: "gaming-pipeline-lag",
    title: "Events come late",
    target: "aliasByNode(removeEmptySeries(gaming*.pipeline.*.delay_seconds), 0, 2)",
    lookBackS: 120,
    reducer: "max",
    evaluator: { type: "gt", params: [30] },
    for: "1m",
    noDataState: "Alerting",
    severity: "critical",
    summary:
      "{{ $labels.name }}: events take {{ $values.B.Value }} s from the edge to their topic, more than 30",
    runbook: "pipeline-lag.md",
    dashboard: "gaming-pipeline",
  },
  {
    uid: "gaming-pipeline-silent",
    title: "Nothing reaches Graphite",
    target: "aliasByNode(transformNull(gaming.connector.heartbeat, 0), 1)",
    lookBackS: 120,
    reducer: "sum",
    evaluator: { type: "lt", params: [1] },
    for: "0s",
    noDataState: "Alerting",
    severity: "critical",
    summary: "No record has reached Graphite for two minutes",
    runbook: "pipeline-lag.md",
    dashboard: "gaming-pipeline",
  },
];

/** The content of `provisioning/alerting/gaming.yaml`. */
export function alertFile() {
  return {
    apiVersion: 1,
    groups: [
      { orgId: 1, name: "gaming", folder: FOLDER, interval: "30s", rules: ALERTS.map(ruleOf) },
    ],
  };
}

function ruleOf(alert: Alert) {
  return {
    uid: alert.uid,
    title: alert.title,
    condition: "C",
    for: alert.for,
    noDataState: alert.noDataState,
    execErrState: "Error",
    data: [
      {
        refId: "A",
        datasourceUid: GRAPHITE.uid,
        relativeTimeRange: { from: alert.lookBackS, to: 10 },
        model: {
          refId: "A",
          datasource: GRAPHITE,
          textEditor: true,
          maxDataPoints: POINTS_MAX,
          target: alert.target,
        },
      },
      expression("B", {
        type: "reduce",
        expression: "A",
        reducer: alert.reducer,
        settings: { mode: "dropNN" },
      }),
      expression("C", {
        type: "threshold",
        expression: "B",
        conditions: [{ evaluator: alert.evaluator }],
      }),
    ],
    labels: { severity: alert.severity },
    annotations: {
      summary: alert.summary,
      runbook_url: `${RUNBOOKS}/${alert.runbook}`,
      __dashboardUid__: alert.dashboard,
    },
  };
}

function expression(refId: string, model: object) {
  return {
    refId,
    datasourceUid: "__expr__",
    model: { refId, datasource: { type: "__expr__", uid: "__expr__" }, ...model },
  };
}
