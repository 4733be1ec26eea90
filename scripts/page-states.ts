/** The dashboard's states other than live, brought about in a browser in front of a running stack. */
import type { Page, WebSocketRoute } from "playwright-core";

export interface PageState {
  readonly name: string;
  /** What stands in the page once the state is there. */
  readonly shows: string;
  /** Done before the page is opened. */
  readonly before: (page: Page) => Promise<unknown>;
  /** Done once the page is live; without it the page never gets that far. */
  readonly onceLive?: () => Promise<void>;
}

const HISTORY = "**/v1/insights/**";
const LIVE = "**/v1/live";

const pill = (state: string): string => `[data-testid="connection"][data-state="${state}"]`;

/** Every state, each to be used with a page of its own. */
export function pageStates(): readonly PageState[] {
  let sockets: WebSocketRoute[] = [];
  return [
    {
      name: "connecting",
      shows: pill("connecting"),
      before: (page) => page.route(HISTORY, () => undefined),
    },
    {
      name: "empty",
      shows: pill("empty"),
      before: async (page) => {
        await page.route(HISTORY, (route) => route.fulfill({ json: { items: [], next: "" } }));
        await page.routeWebSocket(LIVE, () => undefined);
      },
    },
    {
      name: "stale",
      shows: pill("stale"),
      before: (page) => page.routeWebSocket(LIVE, () => undefined),
    },
    {
      name: "reconnecting",
      shows: pill("reconnecting"),
      before: async (page) => {
        sockets = [];
        await page.routeWebSocket(LIVE, (socket) => {
          if (sockets.push(socket) === 1) socket.connectToServer();
          else void socket.close({ code: 1013 });
        });
      },
      onceLive: async () => sockets[0]?.close({ code: 1012 }),
    },
    {
      name: "error",
      shows: pill("error"),
      before: (page) =>
        page.route("**/config.json", (route) =>
          route.fulfill({ json: { api: "", readKey: "no-such-key" } }),
        ),
    },
    {
      name: "misconfigured",
      shows: '[data-testid="failed"]',
      before: (page) =>
        page.route("**/config.json", (route) => route.fulfill({ json: { api: "example.com" } })),
    },
  ];
}
