import fc from 'fast-check'
import semver from 'semver'
import { expect, test } from 'vitest'
import { isAffected, readOsv, smallestFix, withoutAliases, type Advisory, type Events } from './advisory.ts'

const advisory = (more: Partial<Advisory>): Advisory => ({ id: 'A', aliases: [], summary: '', severity: 'high', isMalicious: false, url: '', ranges: [], versions: [], ...more })
const ranges = (...events: Events[]) => advisory({ ranges: events })
const introduced = (version: string) => ({ kind: 'introduced', version }) as const
const fixed = (version: string) => ({ kind: 'fixed', version }) as const
const lastAffected = (version: string) => ({ kind: 'last_affected', version }) as const

test.for([
  [[introduced('0'), fixed('1.2.0')], ['0.0.1', '1.1.9', '1.2.0-rc.1', '0.0.0-alpha'], ['1.2.0', '2.0.0']],
  [[introduced('1.0.0'), lastAffected('1.4.0')], ['1.0.0', '1.4.0'], ['0.9.0', '1.0.0-rc.1', '1.4.1']],
  [[introduced('2.0.0'), fixed('2.1.0'), introduced('0'), fixed('1.4.2')], ['1.4.1', '2.0.5'], ['1.4.2', '1.9.0', '2.1.0']],
  [[introduced('1.0.0')], ['1.0.0', '99.0.0'], ['0.1.0']],
  [[introduced('0'), { kind: 'limit', version: '2.0.0' }], ['1.0.0'], ['2.0.0', '3.0.0']],
  [[introduced('0'), fixed('1.0.0'), introduced('1.0.0')], ['1.0.0'], []],
  [[introduced('0'), fixed('1.0.0'), introduced('2.0.0'), fixed('2.0.0')], ['0.9.0'], ['2.0.0', '3.0.0']],
] satisfies [Events, string[], string[]][])('events %j affect what the schema says', ([events, inside, outside]) => {
  expect(inside.filter((version) => !isAffected(ranges(events), version))).toEqual([])
  expect(outside.filter((version) => isAffected(ranges(events), version))).toEqual([])
})

test('a version that is listed is affected though it is no semantic version, and a range says nothing of such a one', () => {
  expect(isAffected(advisory({ versions: ['2007.a'] }), '2007.a')).toBe(true)
  expect(isAffected(ranges([introduced('0')]), '2007.a')).toBe(false)
})

test('withdrawn records, other ecosystems and git ranges say nothing of npm', () => {
  const affected = [{ package: { ecosystem: 'npm', name: 'a' }, ranges: [{ type: 'GIT', events: [{ introduced: '0' }] }] }]
  expect(readOsv({ id: 'X', withdrawn: '2026-01-01T00:00:00Z', affected })).toEqual([])
  expect(readOsv({ id: 'X', affected: [{ package: { ecosystem: 'PyPI', name: 'a' } }] })).toEqual([])
  expect(readOsv({ id: 'X', affected })[0]?.advisory.ranges).toEqual([])
})

test('severity is from the newest vector, then from the database’s word; malicious packages are critical', () => {
  const severityOf = (more: object) => readOsv({ id: 'X', affected: [{ package: { ecosystem: 'npm', name: 'a' } }], ...more })[0]?.advisory.severity
  const v3 = { type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }
  const v4 = { type: 'CVSS_V4', score: 'CVSS:4.0/AV:L/AC:H/AT:P/PR:H/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N' }
  expect(severityOf({ severity: [v3] })).toBe('critical')
  expect(severityOf({ severity: [v3, v4] })).toBe('low')
  expect(severityOf({ severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/nonsense' }], database_specific: { severity: 'HIGH' } })).toBe('high')
  expect(severityOf({ database_specific: { severity: 'MODERATE' } })).toBe('medium')
  expect(severityOf({})).toBe('medium')
  expect(severityOf({ id: 'MAL-2026-1' })).toBe('critical')
  expect(severityOf({ id: 'GHSA-x', aliases: ['MAL-2026-1'], severity: [v4] })).toBe('critical')
})

test('the old vector of CVSS 2 counts where there is no newer one, and a distribution’s word where nobody else has any', () => {
  const severityOf = (more: object, urgency?: string) => readOsv({ id: 'X', affected: [{ package: { ecosystem: 'Debian:13', name: 'a' }, ecosystem_specific: { urgency } }], ...more }, 'Debian')[0]?.advisory.severity
  const v2 = (score: string) => ({ severity: [{ type: 'CVSS_V2', score }] })
  expect(['AV:N/AC:L/Au:N/C:C/I:C/A:C', '(AV:N/AC:L/Au:N/C:P/I:P/A:P)', 'AV:N/AC:M/Au:N/C:P/I:N/A:N', 'AV:L/AC:H/Au:N/C:P/I:N/A:N'].map((score) => severityOf(v2(score)))).toEqual(['high', 'high', 'medium', 'low'])
  expect(severityOf({ severity: [{ type: 'CVSS_V2', score: 'AV:N/AC:L/Au:N/C:C/I:C/A:C' }, { type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }] })).toBe('critical')
  expect(severityOf(v2('AV:N/nonsense'), 'high**')).toBe('high')
  expect([severityOf({}, 'low'), severityOf({}, 'not yet assigned'), severityOf(v2('AV:N/AC:L/Au:N/C:C/I:C/A:C'), 'unimportant')]).toEqual(['low', 'medium', 'low'])
})

test('the fix is the lowest version above that no advisory affects', () => {
  const first = ranges([introduced('0'), fixed('1.2.0'), introduced('2.0.0'), fixed('2.0.3')])
  const second = ranges([introduced('1.2.0'), fixed('1.5.0')])
  expect(smallestFix([first], '1.0.0')).toBe('1.2.0')
  expect(smallestFix([first, second], '1.0.0')).toBe('1.5.0')
  expect(smallestFix([first], '2.0.0')).toBe('2.0.3')
  expect(smallestFix([ranges([introduced('0')])], '1.0.0')).toBeUndefined()
  expect(smallestFix([advisory({ vulnerableVersions: '>=1.0.0 <1.3.1 || >=2.0.0 <2.1.0' })], '1.0.0')).toBe('1.3.1')
})

test('a flaw that several databases name is one, and the worst of them speaks', () => {
  const rank = { low: 0, medium: 1, high: 2, critical: 3 }
  const kept = withoutAliases([advisory({ id: 'A', aliases: ['CVE-1'], severity: 'low' }), advisory({ id: 'B', aliases: ['CVE-1'] }), advisory({ id: 'C' })], (a, b) => rank[b.severity] - rank[a.severity])
  expect(kept.map(({ id }) => id)).toEqual(['B', 'C'])
})

const version = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)).map((parts) => parts.join('.'))

test('one range from OSV and the same written for semver affect the same versions', () => {
  fc.assert(
    fc.property(version, version, version, (from, to, at) => {
      fc.pre(semver.lt(from, to))
      expect(isAffected(ranges([introduced(from), fixed(to)]), at)).toBe(semver.satisfies(at, `>=${from} <${to}`))
    }),
  )
})

test('whatever a record holds is read without a throw, and so is whatever a version is', () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof({ depthSize: 'small' }, fc.string(), fc.constantFrom('npm', 'SEMVER', '0', '1.0.0', null, 1), fc.array(tie('any')), fc.dictionary(fc.constantFrom('id', 'affected', 'package', 'ecosystem', 'name', 'ranges', 'type', 'events', 'introduced', 'fixed', 'versions', 'severity', 'score', '__proto__'), tie('any'))),
  })).any
  fc.assert(
    fc.property(value, fc.string(), (record, at) => {
      for (const { advisory: read } of readOsv(record)) {
        isAffected(read, at)
        smallestFix([read], at)
      }
    }),
  )
})

test('several ranges with pre-releases, ends that are affected themselves and no beginning are those of semver, in whatever order they are written', () => {
  const parts = fc.tuple(fc.nat(3), fc.nat(2), fc.nat(2), fc.constantFrom('', '', '-alpha', '-rc.1', '-0'))
  const any = parts.map(([major, minor, patch, pre]) => `${major}.${minor}.${patch}${pre}`)
  const bounds = fc.uniqueArray(any, { minLength: 2, maxLength: 6, comparator: (a, b) => semver.eq(a, b) }).map((versions) => versions.toSorted(semver.compare))
  fc.assert(
    fc.property(bounds, fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), fc.boolean(), fc.boolean(), any, (versions, isLast, fromStart, isReversed, at) => {
      const pairs = Array.from({ length: versions.length >> 1 }, (_, n) => [n === 0 && fromStart ? '0' : versions[2 * n]!, versions[2 * n + 1]!, isLast[n]!] as const)
      const events = pairs.flatMap(([from, to, last]) => [introduced(from), last ? lastAffected(to) : fixed(to)])
      const range = pairs.map(([from, to, last]) => `${from === '0' ? '' : `>=${from} `}${last ? '<=' : '<'}${to}`).join(' || ')
      expect(isAffected(ranges(isReversed ? events.toReversed() : events), at)).toBe(semver.satisfies(at, range, { includePrerelease: true }))
    }),
    { numRuns: 3000 },
  )
})
