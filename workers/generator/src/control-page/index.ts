/** The page at `/`: what the world looks like now, and buttons to meddle with it. No framework. */
import { FRAUD_PATTERNS, LOOK_ALIKES, SCENARIO_NAMES, scenarioNamed } from "@arenaflow/simulation";
import { script } from "./script.ts";
import { style } from "./style.ts";

interface Button {
  readonly label: string;
  readonly hint: string;
  readonly body: object;
  readonly kind?: "calm";
}

const BUTTONS: readonly Button[] = [
  {
    label: "Fraud burst",
    hint: "One account buys one item 5 to 12 times within seconds",
    body: { inject: "fraud-burst" },
  },
  {
    label: "Stuck level",
    hint: "Nearly nobody completes the busiest level for a minute",
    body: { inject: "stuck-level" },
  },
  {
    label: "Latency spike",
    hint: "The busiest server answers six times slower for 20 s",
    body: { inject: "latency-spike" },
  },
  {
    label: "Server crash",
    hint: "The busiest server is gone for 15 s",
    body: { inject: "server-crash" },
  },
  {
    label: "Drain",
    hint: "The busiest server's players move to others, for two minutes",
    body: { inject: "drain" },
  },
  {
    label: "Viral peak ×10",
    hint: "Ten times the players for a minute",
    body: { inject: "viral-peak" },
  },
  { label: "Calm", hint: "End everything injected", body: { inject: "calm" }, kind: "calm" },
];

function button({ label, hint, body, kind }: Button): string {
  const data = JSON.stringify(body).replaceAll('"', "&quot;");
  return `<button type="button" class="${kind ?? ""}" title="${hint}" data-body="${data}">${label}</button>`;
}

function patternButtons(): string {
  const fraud = FRAUD_PATTERNS.map((pattern) =>
    button({ label: pattern, hint: "Fraud", body: { inject: "fraud-burst", pattern } }),
  );
  const honest = LOOK_ALIKES.map((pattern) =>
    button({
      label: pattern,
      hint: "Honest, but a careless rule would flag it",
      body: { inject: "look-alike", pattern },
      kind: "calm",
    }),
  );
  return [...fraud, ...honest].join("");
}

function scenarioButtons(): string {
  return SCENARIO_NAMES.map((name) =>
    button({
      label: name,
      hint: scenarioNamed(name).description,
      body: { scenario: name },
      kind: "calm",
    }),
  ).join("");
}

export const controlPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Arenaflow · simulated game</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<header>
  <h1>The simulated game</h1>
  <p id="status" role="status">connecting…</p>
</header>
<main>
  <section class="tiles" aria-label="Now">
    <div><b id="players">–</b><span>players online</span></div>
    <div><b id="player-events">–</b><span>player events/s</span></div>
    <div><b id="purchases">–</b><span>purchases/s</span></div>
    <div><b id="server-metrics">–</b><span>server reports/s</span></div>
    <div><b id="readers">–</b><span>open streams</span></div>
  </section>
  <section aria-label="Make something happen">
    <h2>Make something happen</h2>
    <div class="buttons">${BUTTONS.map(button).join("")}</div>
    <details><summary>Ways to cheat, and honest look-alikes</summary>
      <div class="buttons small">${patternButtons()}</div></details>
    <details><summary>Play another game</summary>
      <div class="buttons small">${scenarioButtons()}</div></details>
    <p id="answer" role="status"></p>
  </section>
  <div class="columns">
    <section><h2>Players by level and map</h2><div id="places" class="scroll"></div></section>
    <section><h2>Servers</h2><div id="servers" class="scroll"></div></section>
  </div>
  <div class="columns">
    <section><h2>The truth, newest first</h2><ol id="truth"></ol></section>
    <section><h2>Purchases as they happen</h2><ol id="ticker"></ol></section>
  </div>
</main>
<footer>
  Streams: <a href="/v1/stream/player-events">player-events</a>
  <a href="/v1/stream/purchases">purchases</a>
  <a href="/v1/stream/server-metrics">server-metrics</a> ·
  <a href="/v1/state">state</a> <a href="/v1/truth">truth</a>
</footer>
<script>${script}</script>
</body>
</html>
`;
