/** All dataflows of the project, in one process. */
import { runDataflows, startInspector } from "@arenaflow/sdf/node";
import { withFields } from "../../log.ts";
import { runChild } from "../child.ts";
import { PROJECT } from "../layout.ts";

runChild<"dataflows">(async ({ endpoint, checkpointsDir }, log) => {
  const running = await runDataflows({
    root: PROJECT.dataflowsDir,
    endpoint,
    checkpointRoot: checkpointsDir,
    log: ({ level, message, fields }) =>
      log({ level, scope: "dataflows", message: withFields(message, fields) }),
  });
  const { dataflows } = running;
  const inspector = await startInspector({ dataflows, port: 0 });
  const names = dataflows.map(({ plan }) => plan.name).join(", ");
  return {
    report: { detail: `${names}; inside: http://127.0.0.1:${inspector.port}/dataflows` },
    stats: () => ({ dropped: dataflows.reduce((sum, each) => sum + each.stats().dropped, 0) }),
    finished: running.finished,
    close: async () => {
      await inspector.close();
      await running.close();
    },
  };
});
