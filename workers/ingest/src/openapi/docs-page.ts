/** `/docs`: the OpenAPI document for people, with a form to send requests. One page, nothing loaded from elsewhere. */
const STYLE = `
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
code,pre,textarea,input{font:14px/1.4 ui-monospace,monospace}
pre{background:#f3f4f6;padding:.75rem;overflow:auto;border-radius:6px}
textarea{width:100%;min-height:9rem;box-sizing:border-box}
input{width:22rem;max-width:100%}
details{border:1px solid #d0d7de;border-radius:6px;margin:.5rem 0;padding:.5rem 1rem}
summary{cursor:pointer}
label{display:block;margin:.75rem 0 .25rem;font-weight:600}
button{margin:.75rem 0;padding:.4rem 1rem;font:inherit}
@media (prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}pre{background:#161b22}details{border-color:#30363d}}
`;

const SCRIPT = `
const page = document.getElementById("operations");
const key = document.getElementById("key");
const samples = {
  "player-events": { player_id: "12345", session_id: "abcd1234", event_type: "move", level_id: "level_01", map_id: "map_05", timestamp: new Date().toISOString() },
  purchases: { player_id: "12345", item_id: "skin_dragon", price: 4.99, currency: "USD", purchase_timestamp: new Date().toISOString() },
  "server-metrics": { server_id: "server_1", cpu_load: 65, memory_usage: 80, latency: 120, timestamp: new Date().toISOString() },
};
function element(name, text, parent) {
  const made = document.createElement(name);
  made.textContent = text;
  parent.append(made);
  return made;
}
function field(parent, label, name, value) {
  const id = "f" + document.querySelectorAll("label").length;
  element("label", label, parent).htmlFor = id;
  const input = element(name, "", parent);
  input.id = id;
  input.value = value;
  return input;
}
function show(path, method, operation) {
  const box = element("details", "", page);
  element("summary", method.toUpperCase() + " " + path + " \u2014 " + operation.summary, box);
  element("p", operation.description, box);
  const values = (operation.parameters ?? []).map((parameter) => ({
    ...parameter,
    input: field(box, parameter.name + (parameter.description ? ": " + parameter.description : ""), "input", parameter.in === "path" ? parameter.schema.enum[0] : ""),
  }));
  const topic = path.split("/").at(-1);
  const sample = samples[topic] ?? { topic: "player-events", ...samples["player-events"] };
  const body = operation.requestBody && field(box, "Body", "textarea", JSON.stringify(sample, null, 2));
  const button = element("button", "Send", box);
  const answer = element("pre", "", box);
  answer.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    let url = path;
    const query = new URLSearchParams();
    const headers = { authorization: "Bearer " + key.value };
    for (const { name, in: place, input } of values) {
      if (place === "path") url = url.replace("{" + name + "}", encodeURIComponent(input.value));
      else if (input.value !== "" && place === "query") query.set(name, input.value);
      else if (input.value !== "") headers[name] = input.value;
    }
    if (body) headers["content-type"] = "application/json";
    try {
      const response = await fetch(url + (query.size > 0 ? "?" + query : ""), { method: method.toUpperCase(), headers, body: body?.value });
      const text = await response.text();
      answer.textContent = response.status + " " + response.statusText + "\n" + pretty(text);
    } catch (error) {
      answer.textContent = String(error);
    }
  });
  element("p", "Answers", box);
  const list = element("ul", "", box);
  for (const [status, response] of Object.entries(operation.responses)) element("li", status + ": " + response.description, list);
}
function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}
const response = await fetch("/openapi.json");
const { paths } = await response.json();
for (const [path, methods] of Object.entries(paths)) for (const [method, operation] of Object.entries(methods)) show(path, method, operation);
`;

/** Nothing but this page's own style and script runs, and it talks to this Worker only. */
const POLICY = "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'";

let answer: Promise<{ html: string; policy: string }> | undefined;

/** The page, with a policy that names its style and script by their digests. */
export async function docsPage(): Promise<Response> {
  answer ??= makePage();
  const { html, policy } = await answer;
  return new Response(html, {
    headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": policy },
  });
}

async function makePage(): Promise<{ html: string; policy: string }> {
  const [style, script] = await Promise.all([digest(STYLE), digest(SCRIPT)]);
  const html =
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>Arenaflow ingest</title>` +
    `<meta name="viewport" content="width=device-width"><style>${STYLE}</style>` +
    `<h1>Arenaflow ingest</h1><p>Try the API out here. The same as data: <a href="/openapi.json">openapi.json</a>.</p>` +
    `<label for="key">Key</label><input id="key" type="password" autocomplete="off" placeholder="locally: dev">` +
    `<div id="operations"></div><script type="module">${SCRIPT}</script></html>`;
  return { html, policy: `${POLICY}; style-src '${style}'; script-src '${script}'` };
}

async function digest(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `sha256-${btoa(String.fromCharCode(...new Uint8Array(bytes)))}`;
}
