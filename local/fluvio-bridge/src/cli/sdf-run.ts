/** `arenaflow sdf run`: runs dataflows against a server or a cluster, until Ctrl-C. */
import { once } from "node:events";
import { LOCAL_TITLE } from "@arenaflow/events";
import {
  runDataflowFolders,
  startGraphPublisher,
  startInspector,
  type Log,
  type RunningDataflow,
} from "@arenaflow/sdf/node";
import { withFields } from "../log.ts";
import type { Target } from "./sdf-targets.ts";

export interface RunSettings {
  readonly endpoint: string;
  readonly checkpointDir: string;
  readonly threads: number;
  /** Those of this process; `undefined`: all, and no other process. */
  readonly groups: readonly number[] | undefined;
  readonly port: number;
  /** `none` for none. */
  readonly graphTopic: string;
  readonly env: Readonly<Record<string, string>>;
}

export async function run(targets: readonly Target[], settings: RunSettings): Promise<number> {
  const { endpoint, env, groups, threads } = settings;
  const stop = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  const log: Log = ({ level, message, fields }) =>
    console.error(`${level} ${withFields(message, fields)}`);
  const running = await runDataflowFolders(
    targets.map(({ dir }) => dir),
    {
      endpoint,
      threads,
      ...(groups === undefined ? {} : { groups }),
      env,
      checkpointRoot: settings.checkpointDir,
      log,
    },
  );
  const inspector = await startInspector({
    dataflows: running.dataflows,
    port: settings.port,
  }).catch(async (cause: unknown) => {
    await running.close();
    throw cause;
  });
  const publisher =
    settings.graphTopic === "none"
      ? undefined
      : startGraphPublisher({
          dataflows: running.dataflows,
          endpoint,
          topic: settings.graphTopic,
          titleId: LOCAL_TITLE,
          suffix: groups === undefined ? "" : ` (${groups.join(",")} of ${threads})`,
          log,
        });
  warnOfUnused(env, running.dataflows);
  const names = running.dataflows.map(({ plan }) => plan.name).join(", ");
  console.log(`Running ${names} against ${endpoint}. Ctrl-C stops.`);
  console.log(`Look inside: http://127.0.0.1:${inspector.port}/dataflows`);
  let failed = false;
  await Promise.race([stop, running.finished.catch(() => (failed = true))]);
  await publisher?.close();
  await inspector.close();
  await running.close();
  for (const dataflow of running.dataflows) console.log(summary(dataflow));
  return failed ? 1 : 0;
}

function summary(dataflow: RunningDataflow): string {
  const stats = dataflow.stats();
  const written = Object.entries(stats.written).map(([topic, count]) => `${count} to ${topic}`);
  const late = stats.engine.services.reduce((sum, service) => sum + service.late, 0);
  return `${stats.name}: ${[...written, `${late} late`, `${stats.dropped} dropped`].join(", ")}`;
}

/** A misspelt name would be missed by nobody but the operator. */
function warnOfUnused(
  env: Readonly<Record<string, string>>,
  running: readonly RunningDataflow[],
): void {
  const asked = new Set(running.flatMap(({ plan }) => plan.env));
  for (const name of Object.keys(env).filter((each) => !asked.has(each))) {
    console.error(`warn no operator asks for the environment variable ${name} by name`);
  }
}
