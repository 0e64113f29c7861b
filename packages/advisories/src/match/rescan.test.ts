import type { WaiverEntry } from '@shiplock/findings'
import { describe, expect, test } from 'vitest'
import type { SbomComponent } from '../sbom/sbom-component.ts'
import type { Sbom } from '../sbom/sbom-document.ts'
import type { AdvisorySource } from './match-components.ts'
import { rescan, type Running } from './rescan.ts'
import { renderRescanIssue } from './rescan-issue.ts'

const now = Date.parse('2026-11-27T12:00:00Z')
const component = (name: string, version: string, purl: string): SbomComponent => ({ ref: purl, type: 'library', name, version, purl, licences: [], hashes: [], locations: [] })
const a = component('@s/a', '1.0.0', 'pkg:npm/%40s/a@1.0.0')
const node = (version: string) => component('node', version, `pkg:generic/node@${version}`)
const sbom = (components: readonly SbomComponent[]): Sbom => ({ format: 'CycloneDX 1.6', subject: { name: 'app' }, components, dependencies: new Map(), unread: [] })
const running = (components: readonly SbomComponent[], known: Running['known'] = []): Running => ({ name: 'todo-00001', digest: `sha256:${'1'.repeat(64)}`, sbom: sbom(components), known })

const advisory = (id: string, aliases: readonly string[] = []) => ({ id, aliases, summary: `flaw ${id}`, severity: 'high' as const, isMalicious: false, url: `https://osv.dev/vulnerability/${id}`, ranges: [[{ kind: 'introduced' as const, version: '0' }, { kind: 'fixed' as const, version: '2.0.0' }]], versions: [] })
const npm: AdvisorySource = { family: 'npm', name: 'OSV npm', digest: 'sha256:1', checkedAt: now - 3_600_000, ecosystems: new Set(['npm']), advisories: new Map([['npm', new Map([['@s/a', [advisory('GHSA-1', ['CVE-2026-1']), advisory('GHSA-2')]]])]]) }
const core: AdvisorySource = { ...npm, family: 'Node.js', name: 'Node.js core', ecosystems: new Set(['Node.js']), advisories: new Map() }
const waiver = (more: Partial<WaiverEntry>): WaiverEntry => ({ rule: 'vulnerabilities/vulnerable', purl: 'pkg:npm/@s/a@1.0.0', advisory: 'CVE-2026-1', reason: 'cannot be reached', owner: 'ann@example.test', expires: '2026-11-27', line: 1, ...more })

const scan = (it: Running, waivers: readonly WaiverEntry[] = [], sources: readonly AdvisorySource[] = [npm, core]) => {
  const report = rescan({ running: [it], sources, waivers, now })
  const [image] = report.images
  if (!image) throw new Error('no image')
  const ids = (of: readonly { readonly id: string }[]) => of.map(({ id }) => id)
  return { report, image, fresh: ids(image.fresh), known: ids(image.known), waived: ids(image.waived.map((each) => each.vulnerability)), lapsed: ids(image.lapsed.map((each) => each.vulnerability)) }
}

describe('what is newly known of what runs', () => {
  test('is what was not known when it was admitted, by any name', () => {
    expect(scan(running([a], [{ purl: 'pkg:npm/%40s/a@1.0.0', advisory: 'CVE-2026-1' }]))).toMatchObject({ fresh: ['GHSA-2'], known: ['GHSA-1'], report: { isActionNeeded: true } })
    expect(scan(running([a], [{ purl: 'pkg:npm/%40s/a@1.0.0', advisory: 'GHSA-1' }, { purl: 'pkg:npm/%40s/a@1.0.0', advisory: 'GHSA-2' }]))).toMatchObject({ fresh: [], report: { isActionNeeded: false } })
    expect(scan(running([a], [{ purl: 'pkg:npm/%40s/a@1.0.1', advisory: 'GHSA-1' }]))).toMatchObject({ fresh: ['GHSA-1', 'GHSA-2'], known: [] })
  })

  test('is not what is waived, and again what was, from the day after the last', () => {
    expect(scan(running([a]), [waiver({})])).toMatchObject({ waived: ['GHSA-1'], fresh: ['GHSA-2'], lapsed: [] })
    expect(scan(running([a]), [waiver({ expires: '2026-11-26' })])).toMatchObject({ waived: [], fresh: ['GHSA-2'], lapsed: ['GHSA-1'] })
    expect(scan(running([a]), [waiver({ expires: '2026-11-26' }), waiver({})])).toMatchObject({ waived: ['GHSA-1'], lapsed: [] })
  })

  test.each([{ advisory: 'GHSA-9' }, { purl: 'pkg:npm/@s/b' }, { purl: 'pkg:npm/@s/a@2.0.0' }])('is not waived by a waiver of something else: %j', (more) => {
    expect(scan(running([a]), [waiver(more)]).fresh).toEqual(['GHSA-1', 'GHSA-2'])
  })

  test('is not waived by a waiver that names no flaw', () => {
    const { advisory: _, ...without } = waiver({})
    expect(scan(running([a]), [without]).fresh).toEqual(['GHSA-1', 'GHSA-2'])
  })

  test('is also that a runtime has come to its end', () => {
    expect(scan(running([node('20.20.2')])).image.unsupported).toEqual([{ name: 'node', version: '20.20.2', endOfLife: '2026-04-30' }])
    expect(scan(running([node('26.10.0')]))).toMatchObject({ image: { unsupported: [] }, report: { isActionNeeded: false } })
  })

  test('is told with what nothing is known of', () => {
    const { image, report } = scan(running([a]), [], [])
    expect(image.notMatched).toEqual([{ ecosystem: 'npm', components: 1, why: 'there are no advisories of it here (`shiplock db update` fetches them)' }])
    expect(renderRescanIssue(report).body).toContain('No advisories were at hand: nothing is known of anything above.')
  })
})

test('the report for the issue tracker names what to do', () => {
  const { report } = scan(running([a, node('20.20.2')]), [waiver({ expires: '2026-11-26' })])
  expect(renderRescanIssue(report)).toEqual({
    title: '1 new vulnerability, 1 lapsed waiver, 1 unsupported runtime in what runs (worst: high)',
    body: `## todo\\-00001

Image \`sha256:${'1'.repeat(64)}\`

### New

- [ ] **high** [GHSA\\-2](https://osv.dev/vulnerability/GHSA-2) in \`@s/a 1.0.0\`: flaw GHSA\\-2 — Upgrade @\u2060s/a to 2.0.0.

### Waivers that are over

- [ ] **high** [GHSA\\-1](https://osv.dev/vulnerability/GHSA-1) in \`@s/a 1.0.0\`: flaw GHSA\\-1 — Upgrade @\u2060s/a to 2.0.0. Waived by ann@\u2060example.test until 2026\\-11\\-26: cannot be reached

### Runtimes without support

- [ ] \`node 20.20.2\` has had no security fixes since 2026-04-30.

---

- OSV npm, as of 2026-11-27T11:00:00.000Z: 1 component matched
- Node.js core, as of 2026-11-27T11:00:00.000Z: 1 component matched
`,
  })
})

test('names of others stay text in it: no markup, no mention, no link, no line of their own', () => {
  const hostile = '`x` <img src=x onerror=alert(1)> @everyone [a](javascript:x) #1\n## heading\u202e\u001b[2J | ![](https://evil.example.test)'
  const evil: AdvisorySource = { ...npm, advisories: new Map([['npm', new Map([['@s/a', [{ ...advisory(hostile), summary: hostile, url: 'https://x.example.test/) [b](y' }]]])]]) }
  const { body } = renderRescanIssue(scan({ ...running([{ ...a, version: '1.0.0', name: hostile }]), name: hostile }, [], [evil]).report)
  expect(body).not.toMatch(/^## heading/m)
  expect(body).not.toMatch(/[[\p{Cc}\p{Cf}]--[\n\u2060]]/v)
  const outsideCode = body.replace(/(`+)(?!`).*?[^`]\1(?!`)/g, '')
  expect(outsideCode).not.toMatch(/@everyone|(?<!\\)<img|(?<!\\)\[a(?<!\\)\]|https:\/\/(?:evil|x)\.example/)
})
