/** Dark or light: the system's preference, unless the reader has chosen. */
import { DARK, LIGHT, type ChartTheme } from "../charts/theme.ts";

const STORAGE_KEY = "arenaflow-theme";
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
    for (const palette of ["slots", "steps"] as const) {
      theme[palette].forEach((colour, i) => root.style.setProperty(`--${palette}-${i}`, colour));
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
