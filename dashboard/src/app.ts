/** The page as a whole: the store, what the reader chose, and when to draw. */
import type { Config } from "./config.ts";
import { newestEnd, statusOf, type Connection, type PageStatus } from "./data/connection.ts";
import { startFeed } from "./data/feed.ts";
import { applyMessages, EMPTY_STATE, wholeUntil, type InsightState } from "./data/store.ts";
import {
  frameOf,
  NO_COLOURS,
  oldestStart,
  spanOf,
  type Choice,
  type Colours,
  type Frame,
} from "./model/frame.ts";
import {
  FILTERS,
  formatRoute,
  parseRoute,
  VIEWS,
  withoutFilter,
  type Filter,
  type Route,
  type ViewId,
} from "./route.ts";
import { h, setHidden, setText } from "./ui/dom.ts";
import { createFilterChips, type Chip } from "./ui/filter-chips.ts";
import { createHeader } from "./ui/header.ts";
import { createScrubber } from "./ui/scrubber.ts";
import { followTheme, type ThemeChoice } from "./ui/theme-choice.ts";
import { createWelcome, curlLine, type Welcome } from "./ui/welcome.ts";
import { openView, VIEW_TITLES } from "./views/registry.ts";
import type { View } from "./views/view.ts";

/** How often the page looks whether there is something new to draw. */
const LOOK_EVERY_MS = 200;

interface ShownView {
  readonly id: ViewId;
  readonly view: View;
}

/** Runs the page until it is closed. */
export class App {
  readonly #config: Config;
  readonly #header = createHeader({
    views: VIEWS.map((id) => ({ id, title: VIEW_TITLES[id] })),
    onRange: (rangeMinutes) => this.#go({ ...this.#route, rangeMinutes }),
    onPause: () => this.#togglePause(),
    onTheme: () => this.#theme.toggle(),
  });
  readonly #chips = createFilterChips();
  readonly #scrubber = createScrubber((atMs) => this.#go({ ...this.#route, atMs }));
  readonly #welcome: Welcome;
  readonly #heading = h("h1", { class: "visually-hidden" }, "Arenaflow");
  readonly #main = h("main", { id: "main", tabindex: -1 });
  readonly #theme: ThemeChoice;
  readonly #reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

  #state: InsightState = EMPTY_STATE;
  /** The state as it was when the reader paused: what is on show does not fall out of the store. */
  #frozen: InsightState | undefined;
  #connection: Connection = { kind: "connecting" };
  #colours: Colours = NO_COLOURS;
  #route: Route = parseRoute(location.hash);
  #shown: ShownView | undefined;
  #clockAheadMs = 0;
  #drawn = "";
  #frame: Frame | undefined;

  constructor(config: Config, root: HTMLElement) {
    this.#config = config;
    this.#welcome = createWelcome(curlLine(config.api || location.origin, config.readKey));
    this.#main.append(
      this.#heading,
      this.#chips.element,
      this.#scrubber.element,
      this.#welcome.element,
    );
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
    // Ranges and moments are no stations to go back to.
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
    if (event.key === "p") this.#togglePause();
  }

  async #showView(): Promise<void> {
    const { view: id } = this.#route;
    if (this.#shown?.id === id) return;
    const view = await openView(id, this.#config);
    // Another view may have been chosen while this one was loading.
    if (this.#route.view !== id || this.#shown?.id === id) return view.dispose();
    this.#shown?.view.element.remove();
    this.#shown?.view.dispose();
    this.#shown = { id, view };
    this.#main.append(view.element);
    setText(this.#heading, VIEW_TITLES[id]);
    document.title = `${VIEW_TITLES[id]} · Arenaflow`;
    this.#look();
  }

  #choice(): Choice {
    const { rangeMinutes, atMs, filter } = this.#route;
    return { rangeMs: rangeMinutes * 60_000, atMs, filter };
  }

  #hrefOf(view: ViewId, filter: Filter = {}): string {
    return formatRoute({ ...this.#route, view, filter: { ...this.#route.filter, ...filter } });
  }

  /** Brings header and view up to date; draws charts only when there is something to see. */
  #look(): void {
    if (this.#theme === undefined || document.visibilityState === "hidden") return;
    const nowMs = this.#now();
    const status = statusOf(this.#connection, this.#state, nowMs);
    const hasData = newestEnd(this.#state) > 0;
    const visible = hasData || this.#shown?.view.needsInsights === false;
    this.#updateFrame(status, visible, nowMs);
    if (this.#shown === undefined) return;
    setHidden(this.#shown.view.element, !visible);
    if (visible) this.#draw(this.#shown, nowMs);
  }

  /** What stands around the view. */
  #updateFrame(status: PageStatus, visible: boolean, nowMs: number): void {
    const { view, rangeMinutes, atMs, filter } = this.#route;
    this.#header.update({
      // Said once: where the charts would be while there are none.
      status: visible ? status : { ...status, detail: "" },
      view,
      rangeMinutes,
      paused: atMs !== undefined,
      dark: this.#theme.current().dark,
      hrefOf: (id) => this.#hrefOf(id as ViewId),
    });
    this.#welcome.update(status, !visible);
    this.#chips.update(
      FILTERS.flatMap((name): Chip[] => {
        const value = filter[name];
        if (value === undefined) return [];
        const href = formatRoute({ ...this.#route, filter: withoutFilter(filter, name) });
        return [{ name, value, href }];
      }),
    );
    const state = this.#frozen ?? this.#state;
    const newestMs = newestEnd(state);
    const oldestMs = Math.min(newestMs, ...Object.values(state).map(oldestStart));
    this.#scrubber.update(atMs === undefined ? undefined : { atMs, oldestMs, newestMs, nowMs });
  }

  #draw(shown: ShownView, nowMs: number): void {
    const choice = this.#choice();
    const state = this.#frozen ?? this.#state;
    const theme = this.#theme.current();
    const span = spanOf(state, choice, nowMs);
    const whole = Object.values(state).map((slice) => wholeUntil(slice, nowMs));
    const key = [location.hash, shown.id, span.fromMs, span.toMs, theme.dark, innerWidth, ...whole];
    if (key.join() === this.#drawn) return;
    this.#drawn = key.join();
    const frame = frameOf({
      state,
      choice,
      nowMs,
      colours: this.#colours,
      theme,
      animate: !this.#reducedMotion.matches,
      hrefOf: (view, filter) => this.#hrefOf(view, filter),
      before: this.#frame,
    });
    this.#frame = frame;
    this.#colours = frame.colours;
    shown.view.draw(frame);
  }
}
