/**
 * Asks the oldest rustc that the compiler promises to work with (1.63, Debian's for long) whether it takes our own dataflows.
 * It compiles nothing, which takes a second or two for each. Where rustup is, it installs that rustc: some 300 MB.
 * Run: `node scripts/check-oldest-rust.ts`
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { buildDataflow } from "@arenaflow/sdf/compile";
import { formatProblem } from "@arenaflow/sdf/document";
import { ROOT } from "./run.ts";

const OLDEST = "1.63";
const INSTALL_TIMEOUT_MS = 300_000;

function oldestRustc(): string | undefined {
  const rustup = (...args: string[]): string =>
    execFileSync("rustup", args, { encoding: "utf8", timeout: INSTALL_TIMEOUT_MS }).trim();
  try {
    const target = "wasm32-unknown-unknown";
    rustup(
      "toolchain",
      "install",
      OLDEST,
      "--profile",
      "minimal",
      "--target",
      target,
      "--no-self-update",
    );
    return rustup("which", "rustc", "--toolchain", OLDEST);
  } catch (cause) {
    console.error(`rustc ${OLDEST} could not be had from rustup: ${String(cause)}`);
    return undefined;
  }
}

const rustc = oldestRustc();
if (rustc === undefined) {
  console.log(`Skipped: there is no rustup to bring rustc ${OLDEST}.`);
} else {
  const folder = join(ROOT, "dataflows");
  for (const name of readdirSync(folder)) {
    const dir = join(folder, name);
    if (!existsSync(join(dir, "dataflow.yaml"))) continue;
    const result = await buildDataflow(dir, { rustc, release: false, checkOnly: true });
    if ("problems" in result) {
      process.exitCode = 1;
      console.error(`${name}: rustc ${OLDEST} refuses it.`);
      for (const problem of result.problems) console.error(formatProblem(problem));
    } else {
      console.log(`${name}: rustc ${OLDEST} takes it.`);
    }
  }
}
