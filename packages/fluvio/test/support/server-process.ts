/** A server in a process of its own, to be killed or weighed. Run by `running-server.ts`. */
import { startFluvioServer } from "../../src/server/index.ts";

const [dataDir = "", port = "0"] = process.argv.slice(2);
const server = await startFluvioServer({
  dataDir,
  port: Number(port),
  log: ({ level, message, fields }) => {
    process.stderr.write(`${level} ${message} ${JSON.stringify(fields)}\n`);
  },
});
process.stdout.write(`listening ${server.port}\n`);
