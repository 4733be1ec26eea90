/** A thread of its own for one group of partitions: started by threads.ts, never imported. */
import { parentPort, workerData } from "node:worker_threads";
import { EngineError } from "../engine/index.ts";
import { runGroup } from "./run-group.ts";
import { RunnerError } from "./runner-error.ts";
import {
  type FromThread,
  STATS_EVERY_MS,
  type ThreadError,
  type ThreadSettings,
  type ToThread,
} from "./thread-protocol.ts";

const { options, module, plan, group } = workerData as ThreadSettings;

function tell(message: FromThread): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
  parentPort?.postMessage(message);
}

function describe(cause: unknown): ThreadError {
  const kind =
    cause instanceof RunnerError ? "runner" : cause instanceof EngineError ? "engine" : "other";
  const { code = "", message = String(cause) } = cause as { code?: string; message?: string };
  return { kind, code, message };
}

try {
  const log = (line: Extract<FromThread, { type: "log" }>["line"]): void =>
    tell({ type: "log", line });
  const runner = await runGroup({ ...options, log }, { module, plan }, group);
  const timer = setInterval(() => tell({ type: "stats", stats: runner.stats() }), STATS_EVERY_MS);
  parentPort?.on("message", (message: ToThread) => {
    switch (message.type) {
      case "query": {
        const { id } = message;
        runner.query(message.query).then(
          (answer) => tell({ type: "answer", id, answer }),
          (cause: unknown) => tell({ type: "refused", id, error: describe(cause) }),
        );
        return;
      }
      case "close":
        void runner.close();
    }
  });
  tell({ type: "stats", stats: runner.stats() });
  tell({ type: "running" });
  try {
    await runner.finished;
    tell({ type: "stats", stats: runner.stats() });
  } finally {
    clearInterval(timer);
    // After a failure the runner still lets go of its files and connections.
    await runner.close();
  }
  tell({ type: "finished" });
} catch (cause) {
  tell({ type: "failed", error: describe(cause) });
}
parentPort?.close();
