/** The page as a whole: the store, what the reader chose, and when to draw. */
import type { Config } from "./config.ts";
import { Archive, oldestKept } from "./data/archive.ts";
import { newestEnd, statusOf, type Connection, type PageStatus } from "./data/connection.ts";
import { startFeed } from "./data/feed.ts";
import { Past } from "./data/past.ts";
import {
  applyMessages,
  EMPTY_STATE,
  STORE_LIMITS,
  wholeUntil,
  type InsightState,
} from "./data/store.ts";
import { choicesOf } from "./model/choices.ts";
import {
  frameOf,
  NO_COLOURS,
  spanOf,
  type Choice,
  type Colours,
  type Frame,
} from "./model/frame.ts";
import {
  effectiveFilter,
  formatRoute,
  NAV_VIEWS,
  parseRoute,
  withoutFilter,
  type DetailKind,
  type Filter,
  type FilterName,
  type NavView,
  type Route,
} from "./route.ts";
import { h, setHidden, setText } from "./ui/dom.ts";
import { createFilterBar } from "./ui/filter-bar.ts";
import { createHeader } from "./ui/header.ts";
import { createScrubber } from "./ui/scrubber.ts";
import { followTheme, type ThemeChoice } from "./ui/theme-choice.ts";
import { createWelcome, curlLine, type Welcome } from "./ui/welcome.ts";
import { openView, titleOfRoute, VIEW_FILTERS, VIEW_TITLES } from "./views/registry.ts";
import type { View } from "./views/view.ts";

/** How often the page looks whether there is something new to draw. */
const LOOK_EVERY_MS = 200;

const ASK_MS_MAX = 10_000;

interface ShownView {
  /** The view's name, and the thing that a page is about. */
  readonly key: string;
  readonly view: View;
}

/** Runs the page until it is closed. */
export class App {
  readonly #config: Config;
  readonly #header = createHeader({
    views: NAV_VIEWS.map((id) => ({ id, title: VIEW_TITLES[id] })),
    onRange: (rangeMinutes) => this.#go({ ...this.#route, rangeMinutes }),
    onPause: () => this.#togglePause(),
    onTheme: () => this.#theme.toggle(),
  });
  readonly #filters = createFilterBar((name, value) => this.#choose(name, value));
  readonly #scrubber = createScrubber((atMs) => this.#go({ ...this.#route, atMs }));
  readonly #welcome: Welcome;
  readonly #heading = h("h1", { class: "visually-hidden" }, "Arenaflow");
  readonly #main = h("main", { id: "main", tabindex: -1 });
  readonly #theme: ThemeChoice;
  readonly #reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

  #state: InsightState = EMPTY_STATE;
  /** What is on show while the reader has paused: it does not fall out of the store. */
  #past: Past | undefined;
  /** Older history for a range longer than what is kept otherwise. */
  readonly #archive: Archive;
  #oldestKeptMs: number | undefined;
  #connection: Connection = { kind: "connecting" };
  #colours: Colours = NO_COLOURS;
  #route: Route = parseRoute(location.hash);
  #filter: Filter = effectiveFilter(this.#route);
  #shown: ShownView | undefined;
  #clockAheadMs = 0;
  #drawn = "";
  #frame: Frame | undefined;

  constructor(config: Config, root: HTMLElement) {
    this.#config = config;
    this.#archive = new Archive(config, (messages) => this.#take(messages));
    this.#welcome = createWelcome(curlLine(config.api || location.origin, config.readKey));
    this.#main.append(
      this.#heading,
      this.#filters.element,
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
      newestEndMs: (topic) =>
        Math.min(
          this.#now(),
          topic === undefined ? newestEnd(this.#state) : this.#state[topic].newestEndMs,
        ),
      onMessages: (messages) => this.#take(messages),
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
    this.#onHash();
  }

  #take(messages: Parameters<typeof applyMessages>[1]): void {
    const retentionMs = Math.max(STORE_LIMITS.retentionMs, this.#route.rangeMinutes * 60_000);
    this.#state = applyMessages(this.#state, messages, { nowMs: this.#now(), retentionMs });
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

  #choose(name: FilterName, value: string | undefined): void {
    const rest = withoutFilter(this.#route.filter, name);
    const filter = value === undefined ? rest : { ...rest, [name]: value };
    location.hash = formatRoute({ ...this.#route, filter });
    // The event comes later; another choice may come before it.
    this.#onHash();
  }

  #onHash(): void {
    // The skip link's target is no view.
    if (location.hash === "#main") return;
    this.#route = parseRoute(location.hash);
    this.#filter = effectiveFilter(this.#route);
    this.#follow();
    void this.#showView();
    this.#look();
  }

  /** Begins, moves or ends a pause; reads the history that the range or the moment asks for. */
  #follow(): void {
    const { atMs, rangeMinutes } = this.#route;
    const rangeMs = rangeMinutes * 60_000;
    if (atMs === undefined) {
      this.#past?.close();
      this.#past = undefined;
      if (rangeMs <= STORE_LIMITS.retentionMs) return;
      const nowMs = this.#now();
      this.#archive.want({ fromMs: nowMs - rangeMs, toMs: nowMs - STORE_LIMITS.retentionMs });
      return;
    }
    this.#past ??= new Past(this.#config, this.#state);
    this.#past.want({ fromMs: atMs - rangeMs, toMs: atMs });
    if (this.#oldestKeptMs !== undefined) return;
    this.#oldestKeptMs = Number.POSITIVE_INFINITY;
    void this.#askOldest();
  }

  /** How far the reader can scrub back. */
  async #askOldest(): Promise<void> {
    try {
      this.#oldestKeptMs = await oldestKept(this.#config, AbortSignal.timeout(ASK_MS_MAX));
    } catch {
      // Asked again with the next move; until then the slider covers what the page has.
      this.#oldestKeptMs = undefined;
    }
  }

  #togglePause(): void {
    const paused = this.#route.atMs !== undefined;
    const span = spanOf(this.#state, this.#choice(), this.#now());
    this.#go({ ...this.#route, atMs: paused ? undefined : span.toMs });
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target } = event;
    if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) return;
    if (event.key === "p") this.#togglePause();
  }

  async #showView(): Promise<void> {
    const route = this.#route;
    const key = `${route.view}/${route.id}`;
    if (this.#shown?.key === key) return;
    const view = await openView(route, this.#config);
    // Another view may have been chosen while this one was loading.
    const now = `${this.#route.view}/${this.#route.id}`;
    if (now !== key || this.#shown?.key === key) return view.dispose();
    this.#shown?.view.element.remove();
    this.#shown?.view.dispose();
    this.#shown = { key, view };
    this.#main.append(view.element);
    const title = titleOfRoute(route);
    setText(this.#heading, title);
    document.title = `${title} · Arenaflow`;
    this.#look();
  }

  #choice(): Choice {
    const { rangeMinutes, atMs } = this.#route;
    return { rangeMs: rangeMinutes * 60_000, atMs, filter: this.#filter };
  }

  #hrefOf(view: NavView, filter: Filter = {}): string {
    const all = { ...this.#route.filter, ...filter };
    return formatRoute({ ...this.#route, view, id: "", filter: all });
  }

  #pageOf(kind: DetailKind, id: string): string {
    return formatRoute({ ...this.#route, view: kind, id });
  }

  /** Brings header and view up to date; draws charts only when there is something to see. */
  #look(): void {
    if (this.#theme === undefined || document.visibilityState === "hidden") return;
    const nowMs = this.#now();
    const status = statusOf(this.#connection, this.#state, nowMs);
    const hasData = newestEnd(this.#past?.state ?? this.#state) > 0;
    // What is live may come before the first history: sums of it alone would be wrong.
    const isReady = hasData && status.kind !== "connecting";
    const visible = isReady || this.#shown?.view.needsInsights === false;
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
      hrefOf: (id) => this.#hrefOf(id as NavView),
    });
    this.#welcome.update(status, !visible);
    const state = this.#past?.state ?? this.#state;
    this.#filters.update(choicesOf(state, this.#frame?.names), filter, VIEW_FILTERS[view]);
    if (atMs === undefined) return this.#scrubber.update(undefined);
    const newestMs = newestEnd(this.#state);
    this.#scrubber.update({
      atMs,
      oldestMs: Math.min(this.#oldestKeptMs ?? atMs, newestMs - STORE_LIMITS.retentionMs),
      newestMs,
      nowMs,
      note: this.#past?.reading === true ? "Reading history …" : (this.#past?.failure ?? ""),
    });
  }

  #draw(shown: ShownView, nowMs: number): void {
    const choice = this.#choice();
    const state = this.#past?.state ?? this.#state;
    const theme = this.#theme.current();
    const span = spanOf(state, choice, nowMs);
    const whole = Object.values(state).map((slice) => wholeUntil(slice, nowMs));
    const past = this.#past?.version ?? -1;
    const size = [theme.dark, innerWidth, innerHeight];
    const key = [location.hash, shown.key, span.fromMs, span.toMs, past, ...size, ...whole].join();
    if (key === this.#drawn) return;
    this.#drawn = key;
    const frame = frameOf({
      state,
      choice,
      nowMs,
      colours: this.#colours,
      theme,
      animate: !this.#reducedMotion.matches,
      hrefOf: (view, filter) => this.#hrefOf(view, filter),
      pageOf: (kind, id) => this.#pageOf(kind, id),
      before: this.#frame,
    });
    this.#frame = frame;
    this.#colours = frame.colours;
    shown.view.draw(frame);
  }
}
