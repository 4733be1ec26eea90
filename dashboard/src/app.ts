/** The page as a whole: the store, what the reader chose, and when to draw. */
import type { Config } from "./config.ts";
import { newestEnd, statusOf, type Connection } from "./data/connection.ts";
import { startFeed } from "./data/feed.ts";
import { applyMessages, EMPTY_STATE, wholeUntil, type InsightState } from "./data/store.ts";
import { frameOf, NO_COLOURS, spanOf, type Choice, type Colours } from "./model/frame.ts";
import { formatRoute, parseRoute, VIEWS, type Route, type ViewId } from "./route.ts";
import { h, setHidden } from "./ui/dom.ts";
import { createHeader, type Header } from "./ui/header.ts";
import { followTheme, type ThemeChoice } from "./ui/theme-choice.ts";
import { createWelcome, curlLine, type Welcome } from "./ui/welcome.ts";
import { openView, VIEW_TITLES } from "./views/registry.ts";
import type { View } from "./views/view.ts";

/** How often the page looks whether there is something new to draw. */
const LOOK_EVERY_MS = 200;

/** Runs the page until it is closed. */
export class App {
  readonly #config: Config;
  readonly #header: Header;
  readonly #welcome: Welcome;
  readonly #main = h("main", { id: "main", tabindex: -1 });
  readonly #theme: ThemeChoice;
  readonly #reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

  #state: InsightState = EMPTY_STATE;
  /** The state as it was when the reader paused. */
  #frozen: InsightState | undefined;
  #connection: Connection = { kind: "connecting" };
  #colours: Colours = NO_COLOURS;
  #route: Route = parseRoute(location.hash);
  #view: { id: ViewId; view: View } | undefined;
  #clockAheadMs = 0;
  #drawn = "";

  constructor(config: Config, root: HTMLElement) {
    this.#config = config;
    this.#header = createHeader({
      views: VIEWS.map((id) => ({ id, title: VIEW_TITLES[id] })),
      onRange: (rangeMinutes) => this.#go({ ...this.#route, rangeMinutes }),
      onPause: () => this.#togglePause(),
      onTheme: () => this.#theme.toggle(),
    });
    this.#welcome = createWelcome(curlLine(config.api || location.origin, config.readKey));
    this.#main.append(this.#welcome.element);
    root.append(
      h("a", { class: "skip", href: "#main" }, "Skip to the charts"),
      this.#header.element,
      this.#main,
    );
    this.#theme = followTheme(() => this.#look());
  }

  /** Connects, and draws from now on. */
  start(): void {
    const feed = startFeed({
      config: this.#config,
      pageOrigin: location.origin,
      now: () => this.#now(),
      newestEndMs: () => newestEnd(this.#state),
      onMessages: (messages) => {
        this.#state = applyMessages(this.#state, messages, this.#now());
      },
      onConnection: (connection) => {
        this.#connection = connection;
      },
      onClock: (aheadMs) => {
        this.#clockAheadMs = aheadMs;
      },
    });
    addEventListener("online", () => feed.retryNow());
    addEventListener("hashchange", () => this.#onHash());
    addEventListener("keydown", (event) => this.#onKey(event));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") feed.retryNow();
    });
    setInterval(() => this.#look(), LOOK_EVERY_MS);
    void this.#showView();
  }

  #now(): number {
    return Date.now() + this.#clockAheadMs;
  }

  #go(route: Route): void {
    const hash = formatRoute(route);
    if (hash === location.hash) return;
    history.replaceState(null, "", hash);
    this.#onHash();
  }

  #onHash(): void {
    // The skip link's target is no view.
    if (location.hash === "#main") return;
    this.#route = parseRoute(location.hash);
    if (this.#route.atMs === undefined) this.#frozen = undefined;
    else this.#frozen ??= this.#state;
    void this.#showView();
    this.#look();
  }

  #togglePause(): void {
    const paused = this.#route.atMs !== undefined;
    const span = spanOf(this.#state, this.#choice(), this.#now());
    this.#go({ ...this.#route, atMs: paused ? undefined : span.toMs });
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof HTMLInputElement) return;
    if (event.key === "p") this.#togglePause();
  }

  async #showView(): Promise<void> {
    const { view: id } = this.#route;
    if (this.#view?.id === id) return;
    const view = await openView(id);
    // Another view may have been chosen while this one was loading.
    if (this.#route.view !== id) return view.dispose();
    this.#view?.view.element.remove();
    this.#view?.view.dispose();
    this.#view = { id, view };
    this.#main.append(view.element);
    document.title = `${VIEW_TITLES[id]} · Arenaflow`;
    this.#look();
  }

  #choice(): Choice {
    return { rangeMs: this.#route.rangeMinutes * 60_000, atMs: this.#route.atMs };
  }

  /** Brings header and view up to date; draws charts only when there is something to see. */
  #look(): void {
    if (this.#theme === undefined || document.visibilityState === "hidden") return;
    const nowMs = this.#now();
    const status = statusOf(this.#connection, this.#state, nowMs);
    const hasData = newestEnd(this.#state) > 0;
    this.#header.update({
      // Said once: where the charts would be while there are none.
      status: hasData ? status : { ...status, detail: "" },
      view: this.#route.view,
      rangeMinutes: this.#route.rangeMinutes,
      paused: this.#route.atMs !== undefined,
      dark: this.#theme.current().dark,
      hrefOf: (view) => formatRoute({ ...this.#route, view: view as ViewId }),
    });
    this.#welcome.update(status, !hasData);
    if (this.#view === undefined) return;
    setHidden(this.#view.view.element, !hasData);
    if (hasData) this.#draw(this.#view, nowMs);
  }

  #draw(shown: { id: ViewId; view: View }, nowMs: number): void {
    const choice = this.#choice();
    const state = this.#frozen ?? this.#state;
    const theme = this.#theme.current();
    const span = spanOf(state, choice, nowMs);
    const whole = Object.values(state).map((slice) => wholeUntil(slice, nowMs));
    const key = [shown.id, span.fromMs, span.toMs, ...whole, theme.dark, innerWidth].join();
    if (key === this.#drawn) return;
    this.#drawn = key;
    const frame = frameOf({
      state,
      choice,
      nowMs,
      colours: this.#colours,
      theme,
      animate: !this.#reducedMotion.matches,
    });
    this.#colours = frame.colours;
    shown.view.draw(frame);
  }
}
