/** Starts the page: configuration first, since everything else asks where the API is. */
import { App } from "./app.ts";
import { parseConfig, type Config } from "./config.ts";
import { h } from "./ui/dom.ts";

async function loadConfig(): Promise<Config> {
  const response = await fetch("config.json", { cache: "no-store" });
  if (!response.ok) {
    throw new Error(
      `config.json could not be read (status ${response.status}); it belongs beside this page.`,
    );
  }
  return parseConfig(await response.json());
}

/** Canvas text does not change by itself when a font arrives: wait for it, but not for long. */
const FONT_WAIT_MS = 400;

async function start(): Promise<void> {
  try {
    const font = document.fonts.load(`12px "Inter Variable"`);
    const config = await loadConfig();
    await Promise.race([font, new Promise((resolve) => setTimeout(resolve, FONT_WAIT_MS))]);
    new App(config, document.body).start();
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    document.body.append(
      h(
        "main",
        { class: "failed", role: "alert", "data-testid": "failed" },
        h("h1", {}, "Arenaflow cannot start"),
        h("p", {}, words),
      ),
    );
  }
}

await start();
