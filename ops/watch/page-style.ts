/** Of the status page: light and dark as the reader's system; a verdict is always a word, too, and never a colour alone. */
export const style = `
:root { color-scheme: light dark; --ground: #f6f7f9; --card: #fff; --text: #1c2430; --faint: #5a6675; --rule: #dfe4ea; --ok: #1a7f4b; --warning: #9a6200; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #12161c; --card: #1b212a; --text: #e6eaf0; --faint: #9aa6b6; --rule: #2f3845; --ok: #5bd08d; --warning: #f0b849; --bad: #ff8a80; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
header, main, footer { max-width: 70rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; padding-bottom: .5rem; }
header p { margin: .1rem 0; }
h1 { margin: 0; font-size: 1.1rem; font-weight: 600; color: var(--faint); }
.summary { font-size: 2rem; font-weight: 700; line-height: 1.2; color: var(--verdict); }
h2 { margin: 2rem 0 .6rem; font-size: .85rem; letter-spacing: .06em; text-transform: uppercase; color: var(--faint); }
h3 { display: flex; justify-content: space-between; gap: 1rem; margin: 0; font-size: 1rem; }
a { color: inherit; }
.ok { --verdict: var(--ok); }
.warning { --verdict: var(--warning); }
.bad { --verdict: var(--bad); }
.parts { display: grid; grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); gap: .75rem; margin: 0; padding: 0; list-style: none; }
.parts li { padding: .8rem 1rem .9rem; background: var(--card); border: 1px solid var(--rule); border-left: .3rem solid var(--verdict); border-radius: .5rem; }
.parts p { margin: .25rem 0 0; color: var(--faint); overflow-wrap: anywhere; }
.verdict { color: var(--verdict); font-size: .85rem; }
.bar { display: block; height: .35rem; margin-top: .6rem; background: var(--rule); border-radius: 1rem; overflow: hidden; }
.bar span { display: block; height: 100%; background: var(--verdict); }
code { font: .85rem/1.4 ui-monospace, monospace; color: var(--text); }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--rule); border-radius: .5rem; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .45rem .9rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); }
th { font-size: .8rem; font-weight: 600; color: var(--faint); }
tbody tr:last-child td { border-bottom: 0; }
tr.bad td { color: var(--verdict); }
footer { padding-top: 2rem; padding-bottom: 3rem; color: var(--faint); font-size: .85rem; }
@media print { :root { color-scheme: light; } .parts li, tr { break-inside: avoid; } }
`;
