/** All dataflows of the project, in one process. */
import { join } from "node:path";
import { runDataflow } from "@arenaflow/sdf/node";
import { runChild } from "../child.ts";
import { dataflowDirs } from "../layout.ts";

runChild<"dataflows">(async ({ endpoint, checkpointsDir }, log) => {
  const dirs = dataflowDirs();
  const dataflows = await Promise.all(
    dirs.map(({ name, dir }) =>
      runDataflow({
        dir,
        endpoint,
        checkpointDir: join(checkpointsDir, name),
        log: ({ level, message }) => log({ level, scope: name, message }),
      }),
    ),
  );
  return {
    report: { detail: dirs.map(({ name }) => name).join(", ") },
    stats: () => ({}),
    close: async () => {
      await Promise.all(dataflows.map((each) => each.close()));
    },
  };
});
