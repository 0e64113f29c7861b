import { describe, expect, test } from 'vitest'
import { readOsv, type Advisory } from '../advisory.ts'
import type { Family } from '../family.ts'
import { debPurl, writePurl } from '../sbom/purl.ts'
import type { SbomComponent } from '../sbom/sbom-component.ts'
import { askedOf, matchComponents, type AdvisorySource, type Inventory } from './match-components.ts'

const now = Date.parse('2026-11-27T00:00:00Z')
const day = 24 * 60 * 60 * 1000

/** A source of these OSV records, as an index has them. */
function source(family: Family, records: readonly object[]): AdvisorySource {
  const advisories = new Map<string, Map<string, Advisory[]>>()
  for (const { ecosystem, name, advisory } of records.flatMap((it) => readOsv(it, family))) {
    const byName = advisories.get(ecosystem) ?? new Map<string, Advisory[]>()
    advisories.set(ecosystem, byName.set(name, [...(byName.get(name) ?? []), advisory]))
  }
  return { family, name: `OSV ${family}`, digest: 'sha256:1', checkedAt: now - day, ecosystems: new Set(advisories.keys()), advisories }
}

const affected = (ecosystem: string, name: string, fixed: string | undefined, more: object = {}) => ({ package: { ecosystem, name }, ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, ...(fixed === undefined ? [] : [{ fixed }])] }], ...more })

const component = (it: Partial<SbomComponent> & Pick<SbomComponent, 'name' | 'version'>): SbomComponent => ({ ref: it.purl ?? it.name, type: 'library', licences: [], hashes: [], locations: [], ...it })
const trixie = { id: 'debian', versionId: '13', name: 'Debian GNU/Linux 13 (trixie)' }
const deb = (name: string, version: string, built = { name, version }, distribution = trixie) => component({ name, version, source: built, purl: debPurl({ name, version, architecture: 'amd64', source: built }, distribution), locations: [{ path: 'var/lib/dpkg/status' }] })
const npm = (name: string, version: string) => component({ name, version, purl: `pkg:npm/${name}@${version}` })
const inventory = (components: readonly SbomComponent[], dependencies: Readonly<Record<string, readonly string[]>> = {}): Inventory => ({ components, dependencies: new Map(Object.entries(dependencies)), distribution: trixie })

const cve = { id: 'DEBIAN-CVE-2026-1', upstream: ['CVE-2026-1'], details: 'A flaw in gcc.\nMore.', severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }], affected: [affected('Debian:13', 'gcc-14', '14.2.0-20'), affected('Debian:12', 'gcc-14', undefined)] }
const found = (components: readonly SbomComponent[], sources: readonly AdvisorySource[]) => matchComponents(inventory(components), sources, now).vulnerabilities.map(({ id, component: { name }, fixedIn }) => [id, name, fixedIn])

describe('packages of Debian', () => {
  test('are matched by their source and its version, in their own release', () => {
    const stdcpp = deb('libstdc++6', '14.2.0-19+b1', { name: 'gcc-14', version: '14.2.0-19' })
    expect(matchComponents(inventory([stdcpp]), [source('Debian', [cve])], now).vulnerabilities).toEqual([
      {
        id: 'DEBIAN-CVE-2026-1',
        aliases: ['CVE-2026-1'],
        summary: 'A flaw in gcc.',
        url: 'https://osv.dev/vulnerability/DEBIAN-CVE-2026-1',
        severity: 'critical',
        isMalicious: false,
        component: { name: 'libstdc++6', version: '14.2.0-19+b1', purl: stdcpp.purl, ref: stdcpp.ref },
        source: { name: 'gcc-14', version: '14.2.0-19' },
        fixedIn: '14.2.0-20',
        locations: [{ path: 'var/lib/dpkg/status' }],
        path: ['libstdc++6@14.2.0-19+b1'],
        from: 'OSV Debian',
      },
    ])
  })

  test.each([
    ['14.2.0-19', true],
    ['14.2.0-20~rc1', true],
    ['14.2.0-20', false],
    ['14.2.0-20+deb13u1', false],
    ['1:1.0-1', false],
    ['9.1-1', true],
  ])('of version %s are affected below the one that mends it, by dpkg’s order', (version, isAffected) => {
    expect(found([deb('gcc-14', version)], [source('Debian', [cve])])).toHaveLength(isAffected ? 1 : 0)
  })

  test('of another release are mended otherwise', () => {
    expect(found([deb('gcc-14', '99', undefined, { ...trixie, versionId: '12' })], [source('Debian', [cve])])).toEqual([['DEBIAN-CVE-2026-1', 'gcc-14', undefined]])
  })

  test('are not affected by what was withdrawn, and what Debian calls unimportant is low whatever its vector says', () => {
    expect(found([deb('gcc-14', '1')], [source('Debian', [{ ...cve, withdrawn: '2026-01-01T00:00:00Z' }, { ...cve, id: 'DEBIAN-CVE-2026-9', upstream: ['CVE-2026-9'] }])])).toEqual([['DEBIAN-CVE-2026-9', 'gcc-14', '14.2.0-20']])
    const unimportant = { ...cve, affected: [affected('Debian:13', 'gcc-14', undefined, { ecosystem_specific: { urgency: 'unimportant' } })] }
    expect(matchComponents(inventory([deb('gcc-14', '1')]), [source('Debian', [unimportant])], now).vulnerabilities).toMatchObject([{ severity: 'low', urgency: 'unimportant' }])
  })

  test('have an advisory on several flaws only where one of these is not there by its own name', () => {
    const dsa = { id: 'DSA-6000-1', upstream: ['CVE-2026-1', 'CVE-2026-2'], affected: [affected('Debian:13', 'gcc-14', '14.2.0-20')] }
    const second = { ...cve, id: 'DEBIAN-CVE-2026-2', upstream: ['CVE-2026-2'] }
    const ids = (records: readonly object[]) => found([deb('gcc-14', '1')], [source('Debian', records)]).map(([id]) => id).toSorted()
    expect(ids([dsa, cve, second])).toEqual(['DEBIAN-CVE-2026-1', 'DEBIAN-CVE-2026-2'])
    expect(ids([dsa, cve])).toEqual(['DEBIAN-CVE-2026-1', 'DSA-6000-1'])
    expect(ids([dsa])).toEqual(['DSA-6000-1'])
  })

  test.each([['debian-13'], ['debian-13.2'], ['trixie'], ['13']])('are of a release however scanners write it: %s', (distro) => {
    const it = component({ name: 'gcc-14', version: '1', source: { name: 'gcc-14', version: '1' }, purl: writePurl({ type: 'deb', namespace: 'debian', name: 'gcc-14', version: '1', qualifiers: { distro } }) })
    expect(found([it], [source('Debian', [cve])])).toHaveLength(1)
  })
})

test('packages of npm, of Alpine and Node itself are matched by their own orders', () => {
  const musl = component({ name: 'musl-utils', version: '1.2.5-r1', source: { name: 'musl', version: '1.2.5-r1' }, purl: 'pkg:apk/alpine/musl-utils@1.2.5-r1?arch=x86_64&distro=alpine-3.21.3' })
  const node = component({ name: 'node', version: '22.1.0', purl: 'pkg:generic/node@22.1.0' })
  const alpine = source('Alpine', [{ id: 'ALPINE-CVE-2026-3', upstream: ['CVE-2026-3'], affected: [affected('Alpine:v3.21', 'musl', '1.2.5-r10')] }])
  const core: AdvisorySource = { ...source('Node.js', []), ecosystems: new Set(['Node.js']), advisories: new Map([['Node.js', new Map([['node', [{ id: 'CVE-2026-4', aliases: [], summary: '', severity: 'high', isMalicious: false, url: '', ranges: [], versions: [], vulnerableVersions: '22.x', patchedVersions: '^22.2.0' }]]])]]) }
  const npms = source('npm', [{ id: 'GHSA-1', aliases: ['CVE-2026-5'], affected: [affected('npm', '@s/a', '1.10.0')] }, { id: 'MAL-1', affected: [affected('npm', 'b', undefined)] }])
  const components = [musl, node, component({ name: '@s/a', version: '1.9.0', purl: 'pkg:npm/%40s/a@1.9.0' }), npm('b', '1.0.0'), npm('c', '1.0.0')]
  const report = matchComponents(inventory(components), [alpine, core, npms], now)
  expect(report.vulnerabilities.map(({ id, severity, isMalicious, fixedIn }) => [id, severity, isMalicious, fixedIn])).toEqual([['MAL-1', 'critical', true, undefined], ['CVE-2026-4', 'high', false, '22.2.0'], ['GHSA-1', 'medium', false, '1.10.0'], ['ALPINE-CVE-2026-3', 'medium', false, '1.2.5-r10']])
  expect(report.notMatched).toEqual([])
  expect(report.sources.map(({ name, components: matched, ageMs }) => [name, matched, ageMs])).toEqual([['OSV Alpine', 1, day], ['OSV Node.js', 1, day], ['OSV npm', 3, day]])
})

test('a flaw that several databases name is one, with all of its names and the worst word on it', () => {
  const records = [{ id: 'GHSA-1', aliases: ['CVE-1'], affected: [affected('npm', 'a', '1.2.0')], database_specific: { severity: 'LOW' } }, { id: 'NSWG-1', aliases: ['CVE-1'], affected: [affected('npm', 'a', '1.3.0')], database_specific: { severity: 'HIGH' } }]
  expect(matchComponents(inventory([npm('a', '1.0.0')]), [source('npm', records)], now).vulnerabilities).toMatchObject([{ id: 'NSWG-1', aliases: ['CVE-1', 'GHSA-1'], severity: 'high', fixedIn: '1.3.0' }])
})

describe('what nothing is known of is never the same as what is without a flaw', () => {
  const why = (it: SbomComponent, sources: readonly AdvisorySource[] = [source('npm', []), source('Debian', [cve])], distribution: Inventory['distribution'] = trixie) => matchComponents({ components: [it], dependencies: new Map(), ...(distribution && { distribution }) }, sources, now)
  const ubuntu = component({ name: 'a', version: '1', purl: 'pkg:deb/ubuntu/a@1?distro=ubuntu-24.04' })

  test.each<[string, SbomComponent, readonly AdvisorySource[] | undefined, string]>([
    ['without a source', deb('a', '1'), [], 'Debian:13: there are no advisories of it here (`shiplock db update` fetches them)'],
    ['a release that the source does not have', deb('a', '1', undefined, { ...trixie, versionId: '11' }), undefined, 'Debian:11: OSV Debian has nothing of this release'],
    ['a release that is none', deb('a', '1', undefined, { ...trixie, versionId: 'sid' }), undefined, 'Debian: "debian-sid" is no release of which advisories are kept'],
    ['another distribution', ubuntu, undefined, 'ubuntu: there is no source of advisories for it here'],
    ['another ecosystem', component({ name: 'a', version: '1', purl: 'pkg:golang/example.test/a@1' }), undefined, 'golang: there is no source of advisories for it here'],
    ['no purl', component({ name: 'a', version: '1' }), undefined, 'without a package URL: nothing says what kind of package they are'],
    ['no version', component({ name: 'a', version: '', purl: 'pkg:npm/a' }), undefined, 'npm without a version: "" of a is no version'],
    ['an index that is empty', npm('a', '1.0.0'), undefined, 'npm: OSV npm has nothing of this release'],
  ])('%s', (_, it, sources, expected) => {
    const { vulnerabilities, notMatched, sources: asked } = why(it, sources)
    expect(notMatched.map(({ ecosystem, why: reason }) => `${ecosystem}: ${reason}`)).toEqual([expected])
    expect([vulnerabilities, asked]).toEqual([[], []])
  })

  test('a package without a distribution anywhere', () => {
    const it = component({ name: 'a', version: '1', source: { name: 'a', version: '1' }, purl: 'pkg:deb/debian/a@1' })
    expect(matchComponents({ components: [it, it], dependencies: new Map() }, [source('Debian', [cve])], now).notMatched).toEqual([{ ecosystem: 'Debian', components: 2, why: 'nothing says of which release it is' }])
  })
})

test('each vulnerability has the way down to its component, and circles end', () => {
  const records = [{ id: 'GHSA-1', affected: [affected('npm', 'c', undefined), affected('npm', 'x', undefined)] }]
  const purl = (name: string) => `pkg:npm/${name}@1.0.0`
  const report = matchComponents(inventory(['a', 'b', 'c', 'x', 'y'].map((name) => npm(name, '1.0.0')), { [purl('a')]: [purl('b')], [purl('b')]: [purl('c'), purl('a'), purl('c')].slice(0, 1), [purl('c')]: [purl('c')], [purl('x')]: [purl('y')], [purl('y')]: [purl('x')] }), [source('npm', records)], now)
  expect(report.vulnerabilities.map(({ path }) => path)).toEqual([['a@1.0.0', 'b@1.0.0', 'c@1.0.0'], ['x@1.0.0']])
})

test('only the advisories of what is there are asked for', () => {
  expect([...askedOf([inventory([deb('libstdc++6', '1', { name: 'gcc-14', version: '1' }), npm('a', '1.0.0'), npm('a', '2.0.0')])])].map(([family, asked]) => [family, [...asked].map(([ecosystem, names]) => [ecosystem, [...names]])])).toEqual([['Debian', [['Debian:13', ['gcc-14']]]], ['npm', [['npm', ['a']]]]])
})
