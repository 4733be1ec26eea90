/** The provisioned files of Grafana: right as they are, and a checker that finds what would not be. */
import { readdirSync, readFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { describe, expect, test } from "vitest";
import { type AlertFile, alertProblems } from "../../../grafana/src/check/alerts.ts";
import { dashboardProblems } from "../../../grafana/src/check/dashboard.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string): string => readFileSync(`${ROOT}${path}`, "utf8");

const DATA_SOURCES = new Set(
  (
    parse(read("grafana/provisioning/datasources/graphite.yaml")) as {
      datasources: { uid: string }[];
    }
  ).datasources.map(({ uid }) => uid),
);
const names = readdirSync(`${ROOT}grafana/dashboards`);
const dashboards = new Map(
  names.map((name) => [name, JSON.parse(read(`grafana/dashboards/${name}`)) as { uid: string }]),
);
const KNOWN = {
  dataSources: DATA_SOURCES,
  dashboards: new Set([...dashboards.values()].map(({ uid }) => uid)),
  runbooks: new Set(readdirSync(`${ROOT}docs/runbooks`)),
};
const alerts = (): AlertFile =>
  parse(read("grafana/provisioning/alerting/gaming.yaml")) as AlertFile;

test("the checked-in files are what grafana/src says now", () => {
  const check = (): string =>
    execFileSync(process.execPath, ["grafana/src/build.ts", "--check"], {
      cwd: ROOT,
      encoding: "utf8",
    });
  expect(check).not.toThrow();
});

test.each(names)("%s is right", (name) => {
  expect(dashboardProblems(dashboards.get(name), DATA_SOURCES)).toEqual([]);
});

test("there are four dashboards, and no two have one uid", () => {
  expect(names).toHaveLength(4);
  expect(KNOWN.dashboards.size).toBe(4);
});

test("the alert rules are right, and name every runbook", () => {
  expect(alertProblems(alerts(), KNOWN)).toEqual([]);
  const named = JSON.stringify(alerts());
  for (const runbook of KNOWN.runbooks) expect(named).toContain(runbook);
});

interface Loose {
  [key: string]: Loose;
}

/** A dashboard with one thing changed. */
function spoilt(change: (dashboard: Loose) => void): unknown {
  const copy = structuredClone(dashboards.get("server-health.json")) as unknown as Loose;
  change(copy);
  return copy;
}
const set = (object: Loose | undefined, key: string, value: unknown): void => {
  (object as { [key: string]: unknown })[key] = value;
};

describe("the checker finds", () => {
  test.each<[string, (dashboard: Loose) => void, string]>([
    ["a wrong type", (d) => set(d["panels"]?.[0]?.["gridPos"], "w", "12"), "schema: /panels/0"],
    ["a wrong choice", (d) => set(d["panels"]?.[0], "repeatDirection", "up"), "schema: /panels/0"],
    ["a misspelt key", (d) => set(d, "tittle", "x"), "tittle"],
    ["a missing uid", (d) => delete d["uid"], "uid: is missing"],
    ["a uid that is too long", (d) => set(d, "uid", "u".repeat(41)), "longer than 40"],
    ["a number for an id", (d) => set(d, "id", 7), "only for one Grafana"],
    ["two panels of one id", (d) => set(d["panels"]?.[1], "id", 1), "another panel's too"],
    ["a panel without an id", (d) => delete d["panels"]?.[1]?.["id"], "has no id"],
    ["a panel outside", (d) => set(d["panels"]?.[5]?.["gridPos"], "w", 9), "leaves the 24 columns"],
    ["panels on one place", (d) => set(d["panels"]?.[1]?.["gridPos"], "x", 0), "lies over"],
    [
      "a strange data source",
      (d) => set(d["panels"]?.[2]?.["datasource"], "uid", "prometheus"),
      "data source prometheus",
    ],
    [
      "an unknown variable",
      (d) => set(d["panels"]?.[6]?.["targets"]?.[0], "target", "$title.servers.$sever.latency"),
      "no variable sever",
    ],
    [
      "a reference to no query, such as a colour",
      (d) => set(d["panels"]?.[6]?.["targets"]?.[0], "target", "color(a.b, '#FF0000')"),
      "no query #F",
    ],
    ["an empty target", (d) => set(d["panels"]?.[6]?.["targets"]?.[0], "target", ""), "no target"],
    [
      "a variable that needs a later one",
      (d) => set(d["templating"]?.["list"]?.[1], "query", "$title.regions.$server"),
      "no variable server before it",
    ],
  ])("%s", (_, change, found) => {
    expect(dashboardProblems(spoilt(change), DATA_SOURCES).join("\n")).toContain(found);
  });

  test.each<[string, (file: Loose) => void, string]>([
    ["a condition that is no query", (r) => set(r, "condition", "D"), "condition D"],
    ["a missing title", (r) => set(r, "title", ""), "has no title"],
    ["no choice for missing data", (r) => delete r["noDataState"], "noDataState"],
    ["a label that would be expanded", (r) => set(r["labels"], "team", "$HOME"), "write $$"],
    [
      "a variable in a target",
      (r) => set(r["data"]?.[0]?.["model"], "target", "a.$server.b"),
      "mean nothing",
    ],
    [
      "groups with equal labels",
      (r) => set(r["data"]?.[0]?.["model"], "target", "groupByNode(a.*.b, 1, 'sum')"),
      "duplicate labels",
    ],
    [
      "an expression of nothing",
      (r) => set(r["data"]?.[1]?.["model"], "expression", "Z"),
      "Z is not before it",
    ],
    [
      "a strange data source",
      (r) => set(r["data"]?.[0], "datasourceUid", "loki"),
      "data source loki",
    ],
    [
      "a time range of nothing",
      (r) => set(r["data"]?.[0]?.["relativeTimeRange"], "from", 5),
      "no time",
    ],
    ["a missing runbook", (r) => set(r["annotations"], "runbook_url", "x/none.md"), "no runbook"],
    [
      "a missing dashboard",
      (r) => set(r["annotations"], "__dashboardUid__", "none"),
      "no dashboard none",
    ],
  ])("%s in an alert rule", (_, change, found) => {
    const file = alerts() as unknown as Loose;
    change(file["groups"]![0]!["rules"]![0]!);
    expect(alertProblems(file as AlertFile, KNOWN).join("\n")).toContain(found);
  });

  test("rules of one uid, an interval that is none, no folder", () => {
    const file = alerts() as unknown as Loose;
    const group = file["groups"]![0]!;
    set(group["rules"]![1], "uid", "gaming-latency-high");
    set(group, "interval", "25s");
    set(group, "folder", "");
    const found = alertProblems(file, KNOWN).join("\n");
    for (const part of ["is there twice", "multiple of 10s", "no folder"]) {
      expect(found).toContain(part);
    }
  });
});
