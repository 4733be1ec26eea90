/** All connectors of the stack, in one process. */
import { setTimeout as sleep } from "node:timers/promises";
import { loadConnectors } from "../../connectors/load.ts";
import { startConnector, type RunningConnector } from "../../connectors/run-connector.ts";
import { environmentSecrets } from "../../connectors/secrets.ts";
import { runChild } from "../child.ts";
import type { ChildStats } from "../child-protocol.ts";

/** How long the first connect of all connectors may take before the stack says it is ready anyway. */
const FIRST_CONNECT_MS_MAX = 8_000;
const CHECK_EVERY_MS = 20;

runChild<"connectors">(async ({ endpoint, paths }, log) => {
  const files = loadConnectors(paths, environmentSecrets(process.env));
  for (const { config, warnings } of files) {
    for (const message of warnings) log({ level: "warn", scope: config.name, message });
  }
  const connectors = files.map(({ config }) => startConnector(config, { endpoint, log }));
  await started(connectors);
  const running = connectors.filter((each) => each.status().state === "running").length;
  return {
    report: {
      detail:
        running === connectors.length
          ? `${running} running`
          : `${running} of ${connectors.length} running, the others retry`,
    },
    stats: () => sumUp(connectors),
    close: async () => {
      await Promise.all(connectors.map((each) => each.close()));
    },
  };
});

async function started(connectors: readonly RunningConnector[]): Promise<void> {
  const deadline = performance.now() + FIRST_CONNECT_MS_MAX;
  while (performance.now() < deadline) {
    if (connectors.every((each) => each.status().state === "running")) return;
    await sleep(CHECK_EVERY_MS);
  }
}

function sumUp(connectors: readonly RunningConnector[]): ChildStats {
  const stats = { eventsIn: 0, recordsOut: 0, refused: 0, retries: 0, retrying: 0 };
  for (const { type, records, refused, retries, state } of connectors.map((c) => c.status())) {
    if (type === "http-source") stats.eventsIn += records;
    else stats.recordsOut += records;
    stats.refused += refused;
    stats.retries += retries;
    if (state === "retrying") stats.retrying += 1;
  }
  return stats;
}
