/** A real headless Chromium: a setting, Debian's, or a desktop's. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const CANDIDATES = [
  process.env["CHROMIUM_PATH"],
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Why the browser tests cannot run here, or `undefined` when they can. */
export function chromiumMissing(): string | undefined {
  if (executable() !== undefined) return undefined;
  return "no Chromium found: install it (Debian: apt-get install chromium-headless-shell) or set CHROMIUM_PATH";
}

export function launchChromium(): Promise<Browser> {
  const executablePath = executable();
  if (executablePath === undefined) throw new Error(chromiumMissing());
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

function executable(): string | undefined {
  return CANDIDATES.find((path) => path !== undefined && existsSync(path));
}
