/** Dark or light: the system's preference, unless the reader has chosen. */
import { DARK, LIGHT, slotColour, type ChartTheme } from "../charts/theme.ts";
import { COLOUR_SLOTS, COLOUR_STEPS } from "../model/colours.ts";

const STORAGE_KEY = "arenaflow-theme";
const PALETTES = [
  ["slots", COLOUR_SLOTS],
  ["steps", COLOUR_STEPS],
] as const;
const WALL_FONT_PX = 14;

export interface ThemeChoice {
  current(): ChartTheme;
  toggle(): void;
}

/** Follows the preference; calls `onChange` whenever another theme applies. */
export function followTheme(onChange: (theme: ChartTheme) => void): ThemeChoice {
  const root = document.documentElement;
  const wall = matchMedia("(width >= 1800px)");
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const current = (): ChartTheme => {
    const chosen = root.dataset["theme"];
    const dark = chosen === undefined ? prefersDark.matches : chosen === "dark";
    const theme = dark ? DARK : LIGHT;
    return wall.matches ? { ...theme, fontPx: WALL_FONT_PX } : theme;
  };
  const apply = (): void => {
    const theme = current();
    // The palette has one home, in TypeScript; the stylesheet reads it from here.
    for (const [palette, count] of PALETTES) {
      for (let slot = 0; slot < count; slot += 1) {
        root.style.setProperty(`--${palette}-${slot}`, slotColour(theme, slot, palette));
      }
    }
    root.style.setProperty("--rest", theme.rest);
    onChange(theme);
  };
  prefersDark.addEventListener("change", apply);
  apply();
  return {
    current,
    toggle() {
      const theme = current().dark ? "light" : "dark";
      root.dataset["theme"] = theme;
      try {
        localStorage.setItem(STORAGE_KEY, theme);
      } catch {
        // Storage is blocked: the choice holds until the page is left.
      }
      apply();
    },
  };
}
