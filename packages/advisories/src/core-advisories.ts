import { fail, ok, type Result } from '@shiplock/findings'
import semver from 'semver'
import type { PackageAdvisory } from './advisory.ts'
import { list, record, text } from './lock-document.ts'
import { severityOfWord } from './severity-word.ts'

/**
 * The advisories on Node itself, in the format of the security working group's `vuln/core/index.json`: by a number, which versions
 * are affected and which of those are mended. Those that concern other systems than Linux alone are left out.
 */
export function readCoreAdvisories(value: unknown): Result<PackageAdvisory[], string> {
  const entries = [...record(value)].filter(([number]) => /^\d+$/.test(number))
  if (entries.length === 0) return fail('it has no advisory by a number')
  return ok(entries.flatMap(([number, it]): PackageAdvisory[] => {
    const fields = record(it)
    const [vulnerableVersions, patchedVersions] = [text(fields.get('vulnerable')), text(fields.get('patched'))]
    const environments = list(fields.get('affectedEnvironments'))
    if (vulnerableVersions === undefined || semver.validRange(vulnerableVersions, { loose: true }) === null || (environments.length > 0 && !environments.some((name) => name === 'all' || name === 'linux'))) return []
    const [first, ...others] = list(fields.get('cve')).flatMap((cve) => text(cve) ?? [])
    const ids = [...(first === undefined ? [] : [first, ...others]), `NODE-CORE-${number}`]
    return [{
      name: 'node',
      ecosystem: 'Node.js',
      advisory: {
        id: ids[0] ?? '',
        aliases: ids.slice(1),
        summary: (text(fields.get('description')) ?? text(fields.get('overview')) ?? '').replace(/\s+/g, ' ').trim().slice(0, 200),
        severity: severityOfWord(fields.get('severity')) ?? 'medium',
        isMalicious: false,
        url: urlOf(text(fields.get('ref')), first),
        ranges: [],
        versions: [],
        vulnerableVersions,
        ...(patchedVersions !== undefined && semver.validRange(patchedVersions, { loose: true }) !== null && { patchedVersions }),
      },
    }]
  }))
}

const urlOf = (reference: string | undefined, cve: string | undefined) => (reference?.startsWith('https://') ? reference.slice(0, 500) : cve === undefined ? 'https://nodejs.org/en/blog/vulnerability/' : `https://www.cve.org/CVERecord?id=${encodeURIComponent(cve)}`)
