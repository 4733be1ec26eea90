/** Runs in the browser as it stands. Everything shown goes through textContent, never through HTML. */
export const script = String.raw`
const byId = (id) => document.getElementById(id);
const REFRESH_MS = 1000, TRUTH_SHOWN = 30, TICKER_SHOWN = 30, RECONNECT_MS = 2000;
let last;

function make(tag, text, className) {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = text;
  if (className) node.className = className;
  return node;
}

function row(cells, tag) {
  const tr = make("tr");
  for (const cell of cells) tr.append(cell instanceof Node ? cell : make(tag || "td", cell));
  return tr;
}

function prepend(list, item, shown) {
  list.prepend(item);
  while (list.childElementCount > shown) list.lastElementChild.remove();
}

function showRates(state) {
  byId("players").textContent = state.active_players.toLocaleString();
  byId("readers").textContent = state.readers;
  for (const topic of Object.keys(state.events)) {
    const seconds = last ? (state.now - last.now) / 1000 : 0;
    const events = last ? state.events[topic] - last.events[topic] : 0;
    if (seconds > 0 && events >= 0) byId(topic).textContent = (events / seconds).toFixed(events / seconds < 20 ? 1 : 0);
  }
  const felt = state.injections.map((one) => one.inject).join(", ");
  byId("status").textContent = (state.running ? "running" : "standing still until somebody reads a stream")
    + " · scenario " + state.scenario + " · seed " + state.seed + " · rate " + state.rate + " · " + state.accounts.toLocaleString() + " accounts"
    + (felt ? " · now: " + felt : "");
  last = state;
}

function showPlaces(places) {
  const maps = [...new Set(places.map((place) => place.map_id))].sort();
  const levels = [...new Set(places.map((place) => place.level_id))].sort();
  const most = Math.max(1, ...places.map((place) => place.players));
  const table = make("table", undefined, "place");
  table.append(row(["", ...maps], "th"));
  for (const level of levels) {
    const cells = maps.map((map) => {
      const place = places.find((one) => one.level_id === level && one.map_id === map);
      const td = make("td", place ? place.players : "");
      if (place) td.style.background = "color-mix(in srgb, var(--accent) " + Math.round(70 * place.players / most) + "%, transparent)";
      if (place && place.stuck) { td.className = "stuck"; td.title = "stuck"; }
      return td;
    });
    table.append(row([make("th", level), ...cells]));
  }
  byId("places").replaceChildren(table);
}

function bar(percent) {
  const cell = make("td"), outer = make("span", undefined, "bar"), inner = make("i");
  inner.style.width = Math.min(100, percent) + "%";
  inner.style.background = percent > 85 ? "var(--bad)" : percent > 65 ? "var(--warn)" : "var(--good)";
  outer.append(inner);
  cell.append(outer, Math.round(percent) + " %");
  return cell;
}

function showServers(servers) {
  const table = make("table");
  table.append(row(["server", "region", "players", "cpu", "memory", "latency", ""], "th"));
  for (const one of servers) {
    table.append(row([one.server_id, one.region, one.players, bar(one.cpu_load), bar(one.memory_usage),
      Math.round(one.latency) + " ms", make("td", one.status, one.status)]));
  }
  byId("servers").replaceChildren(table);
}

async function showTruth(state) {
  const after = Math.max(0, state.truth_position - TRUTH_SHOWN);
  const { items } = await (await fetch("/v1/truth?after=" + after)).json();
  byId("truth").replaceChildren(...items.reverse().map((item) => {
    const li = make("li", item.label + " ", item.label);
    const about = item.detail ? Object.values(item.detail).join(", ")
      : item.event_ids.length + " × " + item.item_ids.slice(0, 3).join(", ") + " by " + item.player_ids.slice(0, 3).join(", ");
    li.append(make("span", item.pattern + " "), make("small", new Date(item.started_at).toLocaleTimeString() + " " + about));
    return li;
  }));
}

async function refresh() {
  try {
    const state = await (await fetch("/v1/state")).json();
    showRates(state);
    showPlaces(state.places);
    showServers(state.servers);
    await showTruth(state);
  } catch (error) {
    byId("status").textContent = "the generator does not answer: " + error.message;
  }
  setTimeout(refresh, REFRESH_MS);
}

async function ticker() {
  try {
    const response = await fetch("/v1/stream/purchases");
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = "";;) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      for (const line of lines) {
        const one = JSON.parse(line);
        const li = make("li", one.player_id + " " + (one.transaction_type === "refund" ? "returns " : "buys ") + one.item_id + " ");
        li.append(make("small", one.price + " " + one.currency + " · " + one.region + " · " + one.ip_address));
        prepend(byId("ticker"), li, TICKER_SHOWN);
      }
    }
  } catch {}
  setTimeout(ticker, RECONNECT_MS);
}

async function inject(event) {
  const button = event.target.closest("button[data-body]");
  if (!button) return;
  button.disabled = true;
  try {
    const headers = { "content-type": "application/json" };
    const response = await fetch("/v1/scenario", { method: "POST", headers, body: button.dataset.body });
    const answer = await response.json();
    byId("answer").textContent = response.ok
      ? answer.inject + ": " + Object.entries(answer.detail).map(([name, value]) => name + " " + value).join(", ")
      : answer.detail;
  } catch (error) {
    byId("answer").textContent = "It could not be sent: " + error.message;
  }
  button.disabled = false;
}

document.addEventListener("click", inject);
refresh();
ticker();
`;
