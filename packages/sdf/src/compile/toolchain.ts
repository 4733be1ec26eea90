/** Finding a rustc that can make Wasm. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const TARGET = "wasm32-unknown-unknown";
const QUERY_TIMEOUT_MS = 20_000;
/** Older ones cannot compile the runtime. */
const MINOR_MIN = 63;

export interface Toolchain {
  readonly rustc: string;
  /** `1.95.0` */
  readonly version: string;
  /** For rustc's `-C linker`, when rustc does not bring its own. */
  readonly linker: string | undefined;
}

export type ToolchainErrorCode = "no_rustc" | "no_wasm_target" | "old_rustc";

export class ToolchainError extends Error {
  readonly code: ToolchainErrorCode;

  constructor(code: ToolchainErrorCode, message: string) {
    super(message);
    this.name = "ToolchainError";
    this.code = code;
  }
}

const INSTALL = [
  "Install Rust from https://rustup.rs, then run `rustup target add wasm32-unknown-unknown`.",
  "On Debian: `apt-get install --no-install-recommends rustc libstd-rust-dev-wasm32 lld`.",
  "Or point the setting ARENAFLOW_RUSTC at a rustc. The built dataflow.wasm files run without Rust.",
].join("\n");

/**
 * The first rustc with the Wasm target among: the one asked for (or ARENAFLOW_RUSTC), rustup's, the one in PATH, the system's.
 * @throws ToolchainError
 */
export async function findRustc(wanted = process.env["ARENAFLOW_RUSTC"]): Promise<Toolchain> {
  const home = process.env["CARGO_HOME"] ?? join(homedir(), ".cargo");
  const candidates =
    wanted === undefined ? [join(home, "bin", "rustc"), "rustc", "/usr/bin/rustc"] : [wanted];
  let failure: ToolchainError | undefined;
  for (const rustc of candidates) {
    if (rustc.startsWith("/") && !existsSync(rustc)) continue;
    const found = await inspect(rustc);
    if (!(found instanceof ToolchainError)) return found;
    // A rustc that lacks something says more than one that is not there.
    if (failure === undefined || failure.code === "no_rustc") failure = found;
  }
  throw (
    failure ??
    new ToolchainError(
      "no_rustc",
      `No rustc was found${wanted === undefined ? "" : ` at ${wanted}`}.\n${INSTALL}`,
    )
  );
}

async function inspect(rustc: string): Promise<Toolchain | ToolchainError> {
  const printed = await query(rustc, ["--version", "--verbose"]);
  const version = /^release: (\S+)/m.exec(printed ?? "")?.[1];
  const host = /^host: (\S+)/m.exec(printed ?? "")?.[1];
  if (version === undefined || host === undefined)
    return new ToolchainError("no_rustc", `${rustc} could not be run.\n${INSTALL}`);
  const [major, minor] = version.split(".").map(Number);
  if ((major ?? 0) <= 1 && (minor ?? 0) < MINOR_MIN)
    return new ToolchainError(
      "old_rustc",
      `${rustc} is ${version}; 1.${MINOR_MIN} or newer is needed.\n${INSTALL}`,
    );
  const sysroot = (await query(rustc, ["--print", "sysroot"]))?.trim() ?? "";
  const target = join(sysroot, "lib", "rustlib", TARGET);
  if (!existsSync(join(target, "lib")))
    return new ToolchainError(
      "no_wasm_target",
      `${rustc} (${version}) has no ${TARGET} target.\n${INSTALL}`,
    );
  const own = existsSync(join(sysroot, "lib", "rustlib", host, "bin", "rust-lld"));
  return { rustc, version, linker: own ? undefined : await systemLinker() };
}

/** Debian's package lld brings wasm-ld. */
async function systemLinker(): Promise<string | undefined> {
  for (const linker of ["wasm-ld", "wasm-ld-14", "rust-lld"])
    if ((await query(linker, ["--version"])) !== undefined) return linker;
  return undefined;
}

function query(command: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: QUERY_TIMEOUT_MS }, (error, stdout) => {
      resolve(error === null ? stdout : undefined);
    });
  });
}
