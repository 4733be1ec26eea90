/** What sells, and who is cheating? */
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { newDashboard } from "../dashboard.ts";
import { addRows, lines, number } from "../panels.ts";
import { listVariable } from "../variables.ts";

const ITEMS = "$title.revenue.items.$item";
const TOTAL = "$title.revenue.total";

/** Takings in the base currency, items, refunds and raised flags. */
export function economyAndFraud(): Dashboard {
  const dashboard = newDashboard({
    uid: "gaming-economy-fraud",
    title: "Economy and fraud",
    description: "Takings and items in the base currency, refunds, and flags of the fraud rules.",
  });
  dashboard.withVariable(
    listVariable({ name: "item", label: "Item", query: "$title.revenue.items.*" }),
  );
  addRows(dashboard, [
    {
      height: 4,
      panels: [
        number({
          title: "Revenue",
          description: "Less refunds, within the shown time.",
          targets: [`alias(${TOTAL}.revenue, 'revenue')`],
          unit: "currencyUSD",
          reducer: "sum",
          decimals: 2,
        }),
        number({
          title: "Purchases",
          description: "Within the shown time.",
          targets: [`alias(${TOTAL}.purchases, 'purchases')`],
          unit: "none",
          reducer: "sum",
        }),
        number({
          title: "Refunds",
          description: "Within the shown time.",
          targets: [`alias(${TOTAL}.refunds, 'refunds')`],
          unit: "none",
          reducer: "sum",
        }),
        number({
          title: "Fraud flags",
          description: "Of all rules, within the shown time.",
          targets: ["alias(sumSeries($title.fraud.*.flags), 'flags')"],
          unit: "none",
          reducer: "sum",
          steps: [
            [null, "green"],
            [1, "orange"],
            [20, "red"],
          ],
        }),
      ],
    },
    {
      height: 8,
      panels: [
        lines({
          title: "Revenue per ten seconds",
          description: "Less refunds; and its mean over five minutes.",
          targets: [
            `alias(${TOTAL}.revenue, 'revenue')`,
            `alias(movingAverage(${TOTAL}.revenue, '5min'), 'mean of 5 min')`,
          ],
          unit: "currencyUSD",
          decimals: 2,
        }),
        lines({
          title: "Buyers",
          description: "Distinct accounts that bought, per ten seconds.",
          targets: [`alias(${TOTAL}.buyers, 'buyers')`],
          unit: "none",
        }),
      ],
    },
    {
      height: 8,
      panels: [
        lines({
          title: "Revenue by item",
          description: "The ten items that earn most.",
          targets: [`aliasByNode(highestAverage(${ITEMS}.revenue, 10), 3)`],
          unit: "currencyUSD",
          decimals: 2,
        }),
        lines({
          title: "Purchases by item",
          description: "The ten items that are bought most often.",
          targets: [`aliasByNode(highestAverage(${ITEMS}.purchases, 10), 3)`],
          unit: "none",
        }),
      ],
    },
    {
      height: 8,
      panels: [
        lines({
          title: "Fraud flags by rule",
          description: "Raised per ten seconds. The rules are in catalog/fraud-rules.json.",
          targets: ["aliasByNode($title.fraud.*.flags, 2)"],
          unit: "none",
        }),
      ],
    },
  ]);
  return dashboard.build();
}
