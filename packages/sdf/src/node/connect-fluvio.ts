/** Connects to Fluvio, waiting for a server that is still starting. */
import { setTimeout as sleep } from "node:timers/promises";
import { Fluvio } from "@arenaflow/fluvio/client";
import type { Log } from "./log.ts";
import { RunnerError } from "./runner-error.ts";

const WAIT_MS_MAX = 30_000;
const PAUSE_MS = 250;

/**
 * @throws RunnerError `fluvio_unreachable` when there is no server after half a minute
 */
export async function connectFluvio(
  endpoint: string,
  options: { readonly dataflow: string; readonly log: Log },
): Promise<Fluvio> {
  let waitedMs = 0;
  for (;;) {
    try {
      return await Fluvio.connect({ endpoint, clientId: `sdf-${options.dataflow}` });
    } catch (cause) {
      if (waitedMs >= WAIT_MS_MAX) {
        throw new RunnerError(
          "fluvio_unreachable",
          `No Fluvio at ${endpoint} after ${WAIT_MS_MAX / 1000} s. Start it, or name another endpoint.`,
          { cause },
        );
      }
      if (waitedMs === 0) {
        options.log({
          level: "info",
          message: `Waiting for Fluvio at ${endpoint}.`,
          fields: { dataflow: options.dataflow },
        });
      }
    }
    await sleep(PAUSE_MS);
    waitedMs += PAUSE_MS;
  }
}
