import { count, severities } from '@shiplock/findings'
import { fixOf } from './draft-finding.ts'
import type { RescannedImage, RescanReport, WaivedVulnerability } from './rescan.ts'
import type { AskedSource, Vulnerability } from './vulnerability.ts'

/** A report for the issue tracker, in Markdown: a title on one line, and the text. Names from documents of others stay text in it. */
export function renderRescanIssue(report: RescanReport): { readonly title: string; readonly body: string } {
  const { images, sources } = report
  const [fresh, lapsed, unsupported] = [images.flatMap((it) => it.fresh), images.flatMap((it) => it.lapsed), images.flatMap((it) => it.unsupported)]
  const worst = severities.findLast((severity) => [...fresh, ...lapsed.map((it) => it.vulnerability)].some((it) => it.severity === severity))
  const parts = [
    ...(fresh.length > 0 ? [`${count(fresh.length, 'new vulnerability', 'new vulnerabilities')}`] : []),
    ...(lapsed.length > 0 ? [`${count(lapsed.length, 'lapsed waiver')}`] : []),
    ...(unsupported.length > 0 ? [`${count(unsupported.length, 'unsupported runtime')}`] : []),
  ]
  const title = parts.length === 0 ? 'Nothing new is known of what runs' : `${parts.join(', ')} in what runs${worst === undefined ? '' : ` (worst: ${worst})`}`
  return { title, body: `${[...images.flatMap(imageLines), ...sourceLines(sources)].join('\n')}\n` }
}

function imageLines(image: RescannedImage): string[] {
  const { fresh, lapsed, known, waived, unsupported, notMatched, unread } = image
  return [
    `## ${inline(image.name)}`,
    '',
    `Image ${code(image.digest)}`,
    '',
    ...section('New', fresh.map(vulnerabilityLine)),
    ...section('Waivers that are over', lapsed.map(lapsedLine)),
    ...section('Runtimes without support', unsupported.map(({ name, version, endOfLife }) => `- [ ] ${code(`${name} ${version}`)} has had no security fixes since ${endOfLife}.`)),
    ...section('Not matched', [...notMatched.map(({ ecosystem, components, why }) => `- ${inline(ecosystem)}: ${count(components, 'component')}, ${inline(why)}`), ...unread.map((it) => `- ${inline(it)}`)]),
    ...(known.length + waived.length === 0 ? [] : [`Also there as before: ${known.length} known, ${waived.length} waived.`, '']),
    ...(fresh.length + lapsed.length + unsupported.length === 0 ? ['Nothing new.', ''] : []),
  ]
}

const section = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : [`### ${title}`, '', ...lines, ''])

function vulnerabilityLine(it: Vulnerability): string {
  const named = it.url.startsWith('https://') && !/[\s()<>[\]\\`]/.test(it.url) ? `[${inline(it.id)}](${it.url})` : inline(it.id)
  return `- [ ] **${it.severity}** ${named} in ${code(`${it.component.name} ${it.component.version}`)}${it.summary === '' ? '' : `: ${inline(it.summary)}`} — ${inline(fixOf(it))}`
}

const lapsedLine = ({ vulnerability, waiver }: WaivedVulnerability) => `${vulnerabilityLine(vulnerability)} Waived by ${inline(waiver.owner)} until ${inline(waiver.expires)}: ${inline(waiver.reason)}`

const sourceLines = (sources: readonly AskedSource[]) => (sources.length === 0 ? ['No advisories were at hand: nothing is known of anything above.'] : ['---', '', ...sources.map(({ name, checkedAt, components }) => `- ${inline(name)}, as of ${checkedAt}: ${count(components, 'component')} matched`)])

/** Text from outside on one line: no markup, no mention of people, no reference to other issues, no character that hides or reorders. */
function inline(text: string): string {
  return visible(text)
    .replace(/[\\`*_{}[\]()<>#+!|~&$-]/g, '\\$&')
    .replace(/@(?=\w)/g, '@\u2060')
    .replace(/:\/\//g, ':\u2060//')
}

/** In backquotes, of which there is one more than in a row inside. */
function code(text: string): string {
  const shown = visible(text)
  const fence = '`'.repeat(Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length)) + 1)
  return fence.length === 1 ? `${fence}${shown}${fence}` : `${fence} ${shown} ${fence}`
}

const longest = 500

const visible = (text: string) => text.slice(0, longest).toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (it) => (it === '\n' || it === '\t' ? ' ' : `\\u{${it.codePointAt(0)?.toString(16)}}`))
