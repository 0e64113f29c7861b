import { createHash } from 'node:crypto'
import type { RunRecord } from '@shiplock/findings'
import { conclude } from '../conclusion.ts'
import { findingsByPlace } from '../reported-findings.ts'
import { evidenceSection } from './evidence-section.ts'
import { findingsSection } from './findings-section.ts'
import { html, trusted } from './markup.ts'
import { releaseSection } from './release-section.ts'
import { script } from './script.ts'
import { stagesSection } from './stages-section.ts'
import { style } from './style.ts'
import { formatTime, troubleSection, verdictSection } from './verdict-section.ts'

/**
 * `report.html`: one file that needs no network and, but for filter and search, no script. Its content security policy
 * names the one style and the one script by hash, so a text of the record that got through as markup could still do nothing.
 */
export function renderHtml(record: RunRecord): string {
  const places = findingsByPlace(record)
  const total = places.reduce((sum, { findings }) => sum + findings.length, 0)
  const policy = [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    `script-src ${hashOf(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${conclude(record).headline} · ${record.command} · ${formatTime(record.startedAt)}</title>
<style>${trusted(style)}</style>
</head>
<body>
<header>
<a class="skip" href="#main">Skip to the verdict</a>
<p class="brand">${gate} Shiplock</p>
<nav aria-label="Report"><ul>
${record.release && html`<li><a href="#release">Release</a></li>`}
<li><a href="#stages">Stages</a></li>
<li><a href="#findings">Findings <span class="count">${total.toLocaleString('en')}</span></a></li>
<li><a href="#evidence">Evidence</a></li>
</ul></nav>
</header>
<main id="main">
${verdictSection(record)}
${troubleSection(record)}
${record.release && releaseSection(record.release)}
${stagesSection(record)}
${findingsSection(places)}
${evidenceSection(record)}
</main>
<footer>Made by Shiplock ${record.tool.version} from the run record ${record.id}. Nothing in this file is loaded from elsewhere.</footer>
<script>${trusted(script)}</script>
</body>
</html>
`
  return page.toString()
}

/** The gates of a lock, seen from above. */
const gate = html`<svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
<path d="M2 4v16M22 4v16M2 8l10 4 10-4M2 16l10-4 10 4" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round"/>
</svg>`

const hashOf = (source: string) => `'sha256-${createHash('sha256').update(source).digest('base64')}'`
