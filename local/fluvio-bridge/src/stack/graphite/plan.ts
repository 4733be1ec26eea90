/** What the stack does about Graphite. */
import { isPortFree, portOwner } from "../ports.ts";
import { StackError } from "../stack-error.ts";
import type { GraphitePorts } from "./files.ts";
import { missingGraphite } from "./installed.ts";
import { freeGraphitePorts } from "./local-graphite.ts";

/** A carbon elsewhere, `host:port` of its plaintext port; or one to be started, with its web port (0: any free one). */
export type GraphiteChoice = { readonly address: string } | { readonly webPort: number };

export interface GraphitePlan {
  readonly address: string;
  /** Of a Graphite to be started. */
  readonly ports: GraphitePorts | undefined;
}

/** @throws {StackError} when one is to be started, and cannot be */
export async function graphitePlan(
  choice: GraphiteChoice | undefined,
): Promise<GraphitePlan | undefined> {
  if (choice === undefined) return undefined;
  if ("address" in choice) return { address: choice.address, ports: undefined };
  const { webPort } = choice;
  const missing = await missingGraphite();
  if (missing !== undefined) throw new StackError([missing]);
  if (!(await isPortFree(webPort))) {
    const owner = await portOwner(webPort);
    throw new StackError([
      {
        what: `Port ${webPort}, for Graphite's pictures, is taken${owner === undefined ? "" : ` by ${owner}`}.`,
        next: `Stop that, or choose another one: npm start -- --with-graphite --graphite-port ${webPort + 1000}`,
      },
    ]);
  }
  const ports = await freeGraphitePorts(webPort);
  return { address: `127.0.0.1:${ports.line}`, ports };
}
