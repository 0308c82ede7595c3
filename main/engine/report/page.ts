/**
 * A report as one HTML file: its style sheet is in it, no script is, and its policy lets nothing be fetched. Light and dark by what the
 * reader's system asks for, and light on paper.
 */
import { createHash } from 'node:crypto'
import { LOCALES } from '../../contract/formats.ts'
import { Markup, markup } from './markup.ts'
import type { Speech } from './words.ts'

/** The colours of the page (`renderer/styles/tokens.css`), as far as a report has use for them. */
const LIGHT = `--bg: #f6f7f9; --surface: #ffffff; --surface-2: #eff1f4; --line: #dfe3e8; --line-strong: #8a94a3;
  --text: #1b2027; --text-2: #4c5665; --text-3: #616c7b; --accent: #1f5fbf; --ok: #1c7040; --ok-soft: #e1f3e8;
  --series-1: #1f5fbf; --series-2: #c2570c; --series-3: #1c7a4a; --series-4: #8b3fae; --series-5: #b3261e; --series-6: #0f7c8a;
  --series-7: #8a6d00; --series-8: #5b6472;`
const DARK = `--bg: #14171c; --surface: #1b1f26; --surface-2: #242932; --line: #323945; --line-strong: #76818f;
  --text: #e8ebf0; --text-2: #b4bcc8; --text-3: #9aa4b2; --accent: #7db0f7; --ok: #6fcf97; --ok-soft: #183527;
  --series-1: #7db0f7; --series-2: #f0a35e; --series-3: #6fcf97; --series-4: #c99be8; --series-5: #f28b82; --series-6: #63c9d6;
  --series-7: #dcc062; --series-8: #a3adba;`

const STYLE = `:root { color-scheme: light dark; ${LIGHT} }
@media screen and (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--text);
  font: 14px/1.55 system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif; }
main { max-width: 1000px; margin: 0 auto; padding: 32px 20px 64px; overflow-wrap: anywhere; }
h1 { margin: 0 0 4px; font-size: 26px; line-height: 1.25; }
h2 { margin: 36px 0 8px; font-size: 19px; }
h3 { margin: 22px 0 6px; font-size: 15px; }
h4 { margin: 16px 0 4px; font-size: 14px; }
p, ul, ol, blockquote, pre { margin: 8px 0; }
p, li { max-width: 76ch; }
a { color: var(--accent); }
.quiet { color: var(--text-2); font-size: 12px; }
blockquote { padding-left: 12px; border-left: 3px solid var(--line-strong); color: var(--text-2); }
pre, code { font-family: ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', monospace; font-size: 12.5px; }
pre { padding: 10px 12px; border-radius: 5px; background: var(--surface-2); overflow-x: auto; }
hr { margin: 24px 0; border: 0; border-top: 1px solid var(--line); }
.scroll { margin: 10px 0; border: 1px solid var(--line); border-radius: 5px; background: var(--surface); overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 12.5px; }
th, td { padding: 6px 10px; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); overflow-wrap: normal; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--text-2); font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 400; min-width: 110px; overflow-wrap: anywhere; }
.num { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.best { color: var(--ok); font-weight: 600; }
.sub { display: block; color: var(--text-3); font-size: 11px; }
figure { margin: 12px 0; padding: 12px; border: 1px solid var(--line); border-radius: 5px; background: var(--surface); }
figure > svg { display: block; width: 100%; height: auto; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 14px; margin: 8px 0 0; padding: 0; list-style: none; font-size: 12px; }
.legend li { display: flex; align-items: center; gap: 5px; }
.key { flex: none; width: 18px; height: 10px; }
.name { fill: var(--text); font-size: 11px; }
.tick { fill: var(--text-2); font-size: 10.5px; }
.halo { paint-order: stroke; stroke: var(--surface); stroke-width: 3px; }
.grid { stroke: var(--line); }
.axis { stroke: var(--line-strong); }
.line, .strand { fill: none; stroke: currentColor; stroke-width: 1.6px; stroke-linecap: round; stroke-linejoin: round; }
.dashed { stroke-dasharray: 4 3; }
.point, .bar { fill: currentColor; }
.hollow { fill: none; stroke: currentColor; stroke-width: 1.4px; }
.band { fill: currentColor; opacity: .14; }
.interval { display: block; width: 130px; height: 16px; }
.interval .zero { stroke: var(--line-strong); stroke-dasharray: 2 2; }
.interval .whisker { stroke: var(--text-3); stroke-width: 2px; }
.interval circle { fill: var(--surface); stroke: var(--text-3); stroke-width: 1.5px; }
.interval.found .whisker, .interval.found circle { stroke: var(--accent); }
.interval.found circle { fill: var(--accent); }
${[1, 2, 3, 4, 5, 6, 7, 8].map((i) => `.s${i} { color: var(--series-${i}); }`).join('\n')}
${[0, 1, 2, 3, 4].map((i) => `.q${i} { color: color-mix(in oklab, var(--accent) ${25 * i}%, var(--line-strong)); }`).join('\n')}
@media print { main { max-width: none; padding: 0; } figure, tr { break-inside: avoid; } }
`
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`

export interface ReportPage {
  readonly title: string
  readonly at: string
  readonly pylon: string
  readonly sections: readonly Markup[]
}

/** The whole file. */
export function reportPage({ title, at, pylon, sections }: ReportPage, { language, words, dateTime }: Speech): string {
  const page = markup`<!doctype html>
    <html lang="${LOCALES[language]}">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <style>${new Markup(STYLE)}</style>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          <p class="quiet">${words.made(dateTime(at), pylon)}</p>
          ${sections}
        </main>
      </body>
    </html> `
  return `${page.text.trim()}\n`
}
