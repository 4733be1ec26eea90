/** The embedded Fluvio server, in a process of its own. */
import { startFluvioServer } from "@arenaflow/fluvio/server";
import { withFields } from "../../log.ts";
import { runChild } from "../child.ts";

runChild<"fluvio">(async (settings, log) => {
  const server = await startFluvioServer({
    host: "127.0.0.1",
    port: settings.port,
    dataDir: settings.dataDir,
    settings: {
      retentionSecondsDefault: settings.retentionSeconds,
      partitionBytesMaxDefault: settings.partitionBytesMax,
    },
    log: ({ level, message, fields }) =>
      log({ level, scope: "fluvio", message: withFields(message, fields) }),
  });
  return {
    report: { ports: { fluvio: server.port }, detail: `127.0.0.1:${server.port}` },
    stats: () => ({}),
    close: () => server.close(),
  };
});
