/** A Graphite on this machine: carbon and graphite-web. */
import { startLocalGraphite } from "../graphite/local-graphite.ts";
import { runChild } from "../child.ts";

runChild<"graphite">(async ({ dir, ports }) => {
  const graphite = await startLocalGraphite(dir, ports);
  return {
    report: { detail: `carbon :${ports.line}, web :${ports.web}` },
    stats: () => ({}),
    finished: graphite.ended,
    close: () => graphite.stop(),
  };
});
