import { defineConfig, type Plugin } from "vite";

/**
 * The policy for hosts that do not read `_headers`, such as a plain static server. Only in the
 * build: the development server injects styles. `connect-src` is open to TLS origins, and to this
 * machine, because the API's address comes from config.json at run time; `npm run deploy` narrows it.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self' https: wss: http://127.0.0.1:* ws://127.0.0.1:* http://localhost:* ws://localhost:*",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

function contentSecurityPolicy(): Plugin {
  return {
    name: "content-security-policy",
    apply: "build",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content: POLICY },
        injectTo: "head-prepend",
      },
    ],
  };
}

/** Fetches the font along with the stylesheet instead of after it: no text changes its face. */
function preloadFont(): Plugin {
  return {
    name: "preload-font",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (_, { bundle }) =>
        Object.keys(bundle ?? {})
          .filter((name) => name.endsWith(".woff2"))
          .map((name) => ({
            tag: "link",
            attrs: {
              rel: "preload",
              as: "font",
              type: "font/woff2",
              href: `./${name}`,
              crossorigin: "",
            },
            injectTo: "head" as const,
          })),
    },
  };
}

/** The running stack, when the page is served by `npm run dev`. */
const API = process.env["ARENAFLOW_API"] ?? "http://127.0.0.1:8787";

export default defineConfig({
  // Relative addresses: the same files work at a domain's root and under a path.
  base: "./",
  plugins: [contentSecurityPolicy(), preloadFont()],
  build: {
    target: "es2023",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/v1": { target: API, ws: true }, "/simulation": { target: API } },
  },
});
