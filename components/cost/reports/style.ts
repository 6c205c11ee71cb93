/** Of the HTML report: light and dark as the reader's system, black on white in print. */
export const style = `
:root { color-scheme: light dark; --ground: #fff; --text: #1d2530; --faint: #5d6878; --rule: #d7dde5; --panel: #f4f6f9; --alarm: #b32121; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14181f; --text: #e6eaf0; --faint: #9aa6b6; --rule: #333c49; --panel: #1d232d; --alarm: #ff8a80; }
}
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { margin: 0; font-size: 1.8rem; overflow-wrap: anywhere; }
h2 { margin: 2.5rem 0 .5rem; font-size: 1.2rem; }
.headline { margin: .25rem 0 1.5rem; font-size: 1.1rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem; margin: 0; }
.figures div { flex: 1 1 10rem; padding: 1rem; background: var(--panel); border-radius: .5rem; }
dt { color: var(--faint); }
.figures dd { margin: 0; font-size: 1.8rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.alarm { border-left: .3rem solid var(--alarm); padding-left: 1rem; }
svg { display: block; width: 100%; height: auto; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .35rem .5rem; border-bottom: 1px solid var(--rule); text-align: right; vertical-align: top; font-variant-numeric: tabular-nums; }
th { font-weight: 600; }
tbody th, th:first-child { text-align: left; overflow-wrap: anywhere; }
tfoot th, tfoot td { border-bottom: 0; font-weight: 600; }
tr.part th { padding-left: 2rem; font-weight: 400; color: var(--faint); }
small { display: block; font-weight: 400; color: var(--faint); }
footer { margin-top: 2.5rem; color: var(--faint); overflow-wrap: anywhere; }
@media print {
  :root { color-scheme: light; --ground: #fff; --text: #000; --faint: #444; --rule: #bbb; --panel: #fff; --alarm: #000; }
  main { max-width: none; padding: 0; }
  .figures div { border: 1px solid var(--rule); }
  tr, svg, .figures div { break-inside: avoid; }
  h2 { break-after: avoid; }
}
`;
