/** The catalog's topics, and all dataflows of the project, in one process. */
import { type InsightTopic, LOCAL_TITLE } from "@arenaflow/events";
import { type Log, runDataflows, startGraphPublisher, startInspector } from "@arenaflow/sdf/node";
import { startCatalogLoader } from "../../catalog/loader.ts";
import { withFields } from "../../log.ts";
import { runChild } from "../child.ts";
import { PROJECT } from "../layout.ts";

const GRAPH_TOPIC = "dataflow-graph" satisfies InsightTopic;

runChild<"dataflows">(async ({ endpoint, checkpointsDir, catalogDir }, log) => {
  const logLine: Log = ({ level, message, fields }) =>
    log({ level, scope: "dataflows", message: withFields(message, fields) });
  // Before the dataflows: what they look up is there when their first event comes.
  const catalog = await startCatalogLoader({ dir: catalogDir, endpoint, log });
  const running = await runDataflows({
    root: PROJECT.dataflowsDir,
    endpoint,
    checkpointRoot: checkpointsDir,
    log: logLine,
  });
  const { dataflows } = running;
  const inspector = await startInspector({ dataflows, port: 0 });
  const publisher = startGraphPublisher({
    dataflows,
    endpoint,
    topic: GRAPH_TOPIC,
    titleId: LOCAL_TITLE,
    log: logLine,
  });
  const names = dataflows.map(({ plan }) => plan.name).join(", ");
  return {
    report: { detail: `${names}; inside: http://127.0.0.1:${inspector.port}/dataflows` },
    stats: () => ({ dropped: dataflows.reduce((sum, each) => sum + each.stats().dropped, 0) }),
    finished: running.finished,
    close: async () => {
      await catalog.close();
      await publisher.close();
      await inspector.close();
      await running.close();
    },
  };
});
