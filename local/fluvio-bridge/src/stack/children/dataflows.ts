/** All dataflows of the project, in one process. */
import { runDataflows } from "@arenaflow/sdf/node";
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
  return {
    report: { detail: dataflows.map(({ plan }) => plan.name).join(", ") },
    stats: () => ({ dropped: dataflows.reduce((sum, each) => sum + each.stats().dropped, 0) }),
    finished: running.finished,
    close: () => running.close(),
  };
});
