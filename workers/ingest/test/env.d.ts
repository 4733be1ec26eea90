/** Tells the tests' types what the Worker under test is bound to. */
import type { Env as IngestEnv } from "../src/env.ts";
import type * as main from "../src/index.ts";

declare global {
  namespace Cloudflare {
    interface Env extends IngestEnv {}
    interface GlobalProps {
      mainModule: typeof main;
    }
  }
}

declare module "vitest" {
  interface ProvidedContext {
    /** Runs of each fuzz test; 0: as many as the suite has time for. */
    fuzzRuns: number;
  }
}
