export const style = `
:root { color-scheme: light dark; --ink: light-dark(#1d2433, #e8ebf2); --soft: light-dark(#5d6880, #9aa5bd);
  --page: light-dark(#f5f6fa, #10131b); --card: light-dark(#fff, #191e2a); --line: light-dark(#e1e5ee, #2a3142);
  --accent: #5b6cff; --good: #1f9d69; --warn: #d68a00; --bad: #d8434e; }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--page); }
header, main, footer { max-width: 1180px; margin: 0 auto; padding: 0 20px; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 18px; padding-top: 22px; }
h1 { font-size: 23px; margin: 0; }
h2 { font-size: 13px; margin: 0 0 10px; color: var(--soft); font-weight: 600; letter-spacing: .02em; }
#status { margin: 0; color: var(--soft); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px; margin: 14px 0; min-width: 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 12px; }
.tiles div { display: grid; }
.tiles b { font-size: 28px; font-variant-numeric: tabular-nums; line-height: 1.15; }
.tiles span { color: var(--soft); }
.columns { display: grid; grid-template-columns: 1fr 1fr; gap: 14px; }
.columns section { margin: 0 0 14px; }
@media (max-width: 800px) { .columns { grid-template-columns: 1fr; gap: 0; } }
.buttons { display: flex; flex-wrap: wrap; gap: 8px; }
button { font: inherit; font-weight: 600; color: #fff; background: var(--accent); border: 0; border-radius: 8px; padding: 8px 14px; cursor: pointer; }
button:hover { filter: brightness(1.1); }
button:focus-visible, a:focus-visible, summary:focus-visible { outline: 3px solid var(--warn); outline-offset: 2px; }
button:disabled { opacity: .55; cursor: default; }
button.calm { background: transparent; color: var(--ink); box-shadow: inset 0 0 0 1px var(--line); }
.small button { font-size: 13px; padding: 5px 10px; }
details { margin-top: 12px; } summary { cursor: pointer; color: var(--soft); margin-bottom: 8px; }
#answer { min-height: 1.45em; margin: 10px 0 0; color: var(--soft); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 500; color: var(--soft); font-size: 12px; padding: 3px 5px; white-space: nowrap; }
td { padding: 4px 5px; white-space: nowrap; }
.place td { text-align: center; border-radius: 5px; }
.stuck { outline: 2px solid var(--bad); outline-offset: -2px; }
.bar { display: inline-block; width: 40px; height: 8px; border-radius: 4px; background: var(--line); overflow: hidden; vertical-align: middle; margin-right: 6px; }
.bar i { display: block; height: 100%; background: var(--good); }
.up { color: var(--good); } .spiking, .draining { color: var(--warn); } .down, .fraud { color: var(--bad); }
.honest { color: var(--good); } .incident { color: var(--warn); }
ol { list-style: none; margin: 0; padding: 0; height: 260px; overflow: auto; }
li { padding: 4px 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
li small { color: var(--soft); }
footer { padding: 6px 20px 26px; color: var(--soft); } footer a { color: inherit; margin-left: 6px; }
`;
