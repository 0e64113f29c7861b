/** The report's only style. Light and dark by the reader's preference; paper is always light. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f4f6f8; --surface: #fff; --sunken: #f4f6f8; --text: #18212c; --muted: #556170; --line: #dbe1e8; --link: #1857b4;
  --good: #106b38; --good-ground: #e3f4e9; --caution: #7a4a00; --caution-ground: #fdf0d0; --bad: #ac1f18; --bad-ground: #fde8e6;
  --info: #1c4f94; --info-ground: #e4eefb; --calm: #4d5866; --calm-ground: #e9edf1;
  --bar: #a9b9cd; --bar-critical: #2b66b8; --mark: #ffe08a; --mark-text: #18212c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0e1318; --surface: #161d25; --sunken: #0f151b; --text: #e3e9ef; --muted: #9ba8b6; --line: #2a343f; --link: #86b7ff;
    --good: #6fd79b; --good-ground: #12301f; --caution: #f2c069; --caution-ground: #34270d; --bad: #ff9a91; --bad-ground: #3d1a1a;
    --info: #9cc4ff; --info-ground: #172c48; --calm: #b3bfcb; --calm-ground: #26303a;
    --bar: #4a5c72; --bar-critical: #5d9cf0; --mark: #6b5413; --mark-text: #fff3cf;
  }
}
* { box-sizing: border-box }
html { scroll-padding-top: 1rem }
body {
  margin: 0; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue",
  "DejaVu Sans", sans-serif; overflow-wrap: anywhere
}
code, pre, .path { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .875em }
a { color: var(--link) }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px }
h1, h2, h3, p, ul, ol, dl, pre { margin: 0 }
header, main, footer { max-width: 72rem; margin: 0 auto; padding: 0 1.25rem }
header {
  display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .25rem 2rem; padding-top: 1rem;
  padding-bottom: 1rem
}
.brand { display: flex; align-items: center; gap: .5rem; font-weight: 650; letter-spacing: .01em }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 0; list-style: none }
nav a { display: inline-block; padding: .25rem 0; text-decoration: none }
nav a:hover { text-decoration: underline }
.skip { position: absolute; left: -100vw }
.skip:focus { left: 1rem; top: .5rem; padding: .5rem 1rem; background: var(--surface) }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
.definitions { position: absolute }
main > section { margin-bottom: 2.5rem }
h2 { margin-bottom: .75rem; font-size: 1.25rem; line-height: 1.3; font-weight: 650 }
.card { margin-bottom: 1rem; padding: 1.25rem; background: var(--surface); border: 1px solid var(--line); border-radius: .625rem }
.count, .small, .needs, .where, .label, footer, caption { color: var(--muted) }
.count { font-weight: 400; font-size: .875rem; font-variant-numeric: tabular-nums }
[hidden] { display: none !important }

.verdict {
  display: flex; gap: 1.5rem; padding: 2rem; background: var(--surface); border: 1px solid var(--line); border-top: 6px solid
  var(--tone); border-radius: .625rem
}
.verdict > div { flex: 1; min-width: 0 }
.verdict.good { --tone: var(--good) } .verdict.caution { --tone: var(--caution) } .verdict.bad { --tone: var(--bad) }
.seal { flex: none; fill: none; stroke: var(--tone); stroke-width: 2; stroke-linecap: round; stroke-linejoin: round }
h1 { color: var(--tone); font-size: 2.25rem; line-height: 1.15; font-weight: 700; letter-spacing: -.015em }
.lead { max-width: 48rem; margin-top: .5rem; font-size: 1.125rem }
.reasons { max-width: 52rem; margin-top: 1rem; padding-left: 1.25rem }
.reasons li { margin-top: .25rem }
.check { font-weight: 600 }
.facts { display: grid; gap: .5rem 2rem; margin-top: 1.5rem; padding-top: 1.25rem; border-top: 1px solid var(--line) }
.facts.wide { margin-top: 0; padding-top: 0; border-top: 0 }
.facts > div { display: grid; grid-template-columns: 6rem 1fr; gap: 1rem }
.facts dt { color: var(--muted) }
.facts.wide dt::first-letter { text-transform: uppercase }
.facts dd { margin: 0; min-width: 0 }

.chip {
  display: inline-block; padding: .0625rem .5rem; border-radius: 1rem; font-size: .8125rem; line-height: 1.45; font-weight: 600;
  white-space: nowrap; background: var(--calm-ground); color: var(--calm)
}
.chip.good { background: var(--good-ground); color: var(--good) }
.chip.caution, .chip.medium { background: var(--caution-ground); color: var(--caution) }
.chip.bad, .chip.high { background: var(--bad-ground); color: var(--bad) }
.chip.low { background: var(--info-ground); color: var(--info) }
.chip.critical { background: #a3150f; color: #fff }

.trouble h3 { font-size: 1rem }
.trouble > * + * { margin-top: .5rem }
.text, .message, .fix { white-space: pre-wrap }
.way summary { padding: .25rem 0 }
.way ol { margin: .25rem 0 0; padding: 0; list-style: none; border-left: 3px solid var(--line) }
.way li { display: flex; flex-wrap: wrap; gap: 0 1.5ch; padding: .125rem 0 .125rem .75rem; word-break: break-all }
.way li > code:first-child { color: var(--muted) }
.fix { padding-left: .75rem; border-left: 3px solid var(--good) }
.fix strong { display: block; font-size: .8125rem; color: var(--good) }
.log, .code {
  padding: .75rem 1rem; background: var(--sunken); border: 1px solid var(--line); border-radius: .375rem; white-space: pre-wrap;
  line-height: 1.55
}

.revisions { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1rem }
.revision { padding: .375rem .75rem; border: 1px solid var(--line); border-radius: .375rem; background: var(--sunken) }
.label { font-size: .8125rem }
.arrow { color: var(--muted) }
.steps { margin-top: 1rem; padding: 0; list-style: none }
.steps li { display: grid; grid-template-columns: 4.5rem 1fr; gap: 1rem; position: relative; padding: .1875rem 0 }
.steps .at, .took { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.steps .at { color: var(--muted) }

table { width: 100%; border-collapse: collapse }
caption { padding-bottom: .5rem; text-align: left; font-weight: 600 }
th, td { padding: .375rem .75rem .375rem 0; border-top: 1px solid var(--line); text-align: left; vertical-align: middle; font-weight: 400 }
thead th { border-top: 0; color: var(--muted); font-size: .8125rem }
tbody th { font-weight: 600 }
.number { text-align: right; font-variant-numeric: tabular-nums }
.stages .needs { display: block; font-weight: 400; font-size: .8125rem; line-height: 1.3 }
.stages th[scope=row] { width: 24% } .stages .when { width: 34% } .stages .took { padding-right: 1.25rem }
.when svg { display: block }
.stages .says { font-size: .9375rem }
.tick { fill: var(--muted); font-size: 11px }
.grid { stroke: var(--line) }
.bar { fill: var(--bar) }
.bar.critical { fill: var(--bar-critical) }
.bar.replayed { fill: url(#hatch); stroke: var(--bar); stroke-width: 1 }
.bar.replayed.critical { stroke: var(--bar-critical) }
.bar.trouble { fill: var(--bad) }
.hatch-ground { fill: var(--surface) } .hatch-line { fill: var(--bar) }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-top: 1rem; color: var(--muted); font-size: .8125rem }
.legend svg { vertical-align: -2px; overflow: visible }

.filter { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem 1.25rem; padding: .875rem 1.25rem }
.filter fieldset { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .875rem; margin: 0; padding: 0; border: 0 }
.filter legend { float: left; padding: 0 }
.toggle { display: inline-flex; align-items: center; gap: .375rem; min-height: 1.75rem }
.filter input[type=search], .filter select {
  min-height: 2.25rem; padding: .25rem .5rem; border: 1px solid var(--muted); border-radius: .375rem; background: var(--surface); color:
  inherit; font: inherit
}
.filter input[type=checkbox] { width: 1.0625rem; height: 1.0625rem; margin: 0; accent-color: var(--link) }
.search { flex: 1 1 16rem; display: flex; align-items: center; gap: .5rem }
.search input { flex: 1; min-width: 0 }
.filter output { margin-left: auto; color: var(--muted); font-variant-numeric: tabular-nums }
.place { margin-bottom: 1.25rem }
.place.far { content-visibility: auto; contain-intrinsic-size: auto 8rem }
.place h3 { margin-bottom: .375rem; font-size: 1rem; font-weight: 600 }
.finding { background: var(--surface); border: 1px solid var(--line); border-bottom-width: 0 }
.finding:last-of-type { border-bottom-width: 1px; border-radius: 0 0 .5rem .5rem }
.place h3 + .finding { border-top-left-radius: .5rem; border-top-right-radius: .5rem }
.place h3 + .finding:last-of-type { border-radius: .5rem }
.finding[data-state=blocking] { border-left: 4px solid var(--bad) }
summary {
  display: flex; flex-wrap: wrap; align-items: baseline; gap: .125rem .75rem; padding: .625rem 1rem; cursor: pointer; list-style: none
}
summary::-webkit-details-marker { display: none }
summary::before {
  content: ""; flex: none; width: .4rem; height: .4rem; border: solid var(--muted); border-width: 0 2px 2px 0; transform: rotate(-45deg)
  translateY(-.15rem)
}
[open] > summary::before { transform: rotate(45deg) translateY(-.15rem) }
summary:hover .message { text-decoration: underline }
.message { flex: 1 1 18rem; min-width: 0; font-weight: 600 }
.state { color: var(--muted); font-size: .875rem; font-weight: 600 }
.state.blocking { color: var(--bad) }
.waiver { padding-left: .75rem; border-left: 3px solid var(--muted) }
.where { font-size: .875rem }
.body { padding: .25rem 1rem 1rem 2.15rem }
.body > * + * { margin-top: .75rem }
.small { font-size: .8125rem }
.line { display: grid; grid-template-columns: minmax(2ch, max-content) 1fr; gap: 1.5ch; word-break: break-all }
.no { color: var(--muted); text-align: right; user-select: none }
mark { background: var(--mark); color: var(--mark-text); border-radius: 2px }
.empty { color: var(--muted) }
footer { padding-top: .5rem; padding-bottom: 3rem; font-size: .875rem }

@media (max-width: 44rem) {
  header, main, footer { padding-left: .875rem; padding-right: .875rem }
  .verdict { display: block; padding: 1.25rem }
  .seal { width: 40px; height: 40px; margin-bottom: .5rem }
  h1 { font-size: 1.875rem }
  .card { padding: 1rem }
  .facts > div { grid-template-columns: 1fr; gap: 0 }
  .stages, .stages tbody { display: block }
  .stages thead { display: none }
  .stages tr {
    display: grid; grid-template-columns: 1fr auto auto; gap: 0 .75rem; align-items: center; padding: .625rem 0; border-top: 1px solid
    var(--line)
  }
  .stages tr:first-child { border-top: 0; padding-top: 0 }
  .stages tr > * { padding: 0; border: 0 }
  .stages th[scope=row], .stages .when { width: auto }
  .stages .when, .stages .says { grid-column: 1 / -1 }
  .stages .took { padding: 0; order: 0; min-width: 3.5rem }
  .stages .when { order: 1 } .stages .says { order: 2; color: var(--muted) }
  .filter output { margin-left: 0 }
  .body { padding-left: 1rem }
  .message { flex-basis: 60% }
}
@media print {
  :root {
    color-scheme: light;
    --page: #fff; --surface: #fff; --sunken: #fff; --text: #000; --muted: #444; --line: #bbb; --link: #000;
    --good: #0b5a2d; --good-ground: #fff; --caution: #6a4000; --caution-ground: #fff; --bad: #9a1710; --bad-ground: #fff;
    --info: #1c4f94; --info-ground: #fff; --calm: #444; --calm-ground: #fff; --bar: #a9b9cd; --bar-critical: #2b66b8; --mark: #ffe08a;
    --mark-text: #000;
  }
  body { font-size: 10pt }
  * { print-color-adjust: exact }
  nav, .filter, .skip { display: none !important }
  header, main, footer { max-width: none; padding-left: 0; padding-right: 0 }
  .chip { outline: 1px solid currentColor }
  .place.far { content-visibility: visible }
  .card, .finding, tr { break-inside: avoid }
  h2, h3, summary { break-after: avoid }
  details::details-content { content-visibility: visible; block-size: auto }
}
.graphs { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1rem; margin: .75rem 0 }
figure { margin: 0 }
figcaption { font-size: .875rem; color: var(--muted) }
.graphs svg { width: 100%; height: auto }
.axis { stroke: var(--line); stroke-width: 1 }
.tick { fill: var(--muted); font-size: 11px }
.series { fill: none; stroke-width: 2.5; stroke-linejoin: round }
.series.stable { stroke: var(--bar) }
.series.candidate { stroke: var(--bar-critical) }
.swatch { display: inline-block; width: 1.25rem; height: .25rem; margin-left: .75rem; vertical-align: middle }
.swatch.stable { background: var(--bar) }
.swatch.candidate { background: var(--bar-critical) }
.tests { padding-left: 0; list-style: none }
.tests li { margin-top: .375rem }
`
