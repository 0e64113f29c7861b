import { isAffected, newestIn, purlOf, sourceOf, unalias, withoutAliases, type Advisory, type Asked, type Component } from '@shiplock/advisories'
import { compareSeverity, type FindingDraft } from '@shiplock/findings'
import { examineComponent } from './examine-component.ts'
import type { DependenciesOptions } from './index.ts'
import { isIn, type Locks } from './read-locks.ts'
import { lockFileMissing } from './rules/lock-file-missing.ts'
import { malicious } from './rules/malicious.ts'
import { vulnerable } from './rules/vulnerable.ts'

/** Something that a package.json asks for and no lock file speaks of. */
export interface Unlocked {
  readonly path: string
  /** As if the newest version that the range could ever take were installed. */
  readonly component: Component
}

/** What each package.json asks for that no lock file speaks of, and that there is none. */
export function findUnlocked({ locks, manifests, texts, lockedFolders }: Locks, options: DependenciesOptions): { readonly unlocked: Unlocked[]; readonly findings: FindingDraft[] } {
  const unlocked: Unlocked[] = []
  const findings: FindingDraft[] = []
  for (const [folder, { dependencies }] of manifests) {
    if (dependencies.size === 0 || locks.some((lock) => isIn(folder, lock.folder) && lock.workspaces.has(folder.slice(lock.folder === '' || folder === lock.folder ? lock.folder.length : lock.folder.length + 1)))) continue
    const path = folder === '' ? 'package.json' : `${folder}/package.json`
    const isBelowOne = lockedFolders.some((it) => isIn(folder, it))
    // A lock file of its own that cannot be read has been reported.
    if (!lockedFolders.includes(folder)) findings.push({ rule: lockFileMissing.id, message: `${path} asks for ${dependencies.size} packages and ${isBelowOne ? 'the lock file above does not speak of it' : 'there is no lock file'}: what they bring with them was not looked at`, location: { path, startLine: 1 }, ...(isBelowOne && { severity: 'low' }) })
    const text = texts.get(path) ?? ''
    for (const [name, asked] of dependencies) {
      const component = componentOf(name, asked, text)
      if (component.source === 'file' || (asked.isDev && !options.dev)) continue
      unlocked.push({ path, component })
      findings.push(...examineComponent(component, { path, keepsIntegrity: false }, options))
    }
  }
  return { unlocked, findings }
}

function componentOf(asked: string, { range, isDev, isOptional }: Asked, text: string): Component {
  const real = unalias(asked, range)
  const source = sourceOf(range)
  return {
    name: real.name,
    version: newestIn(real.range) ?? real.range,
    purl: '',
    source: /^(?:workspace|catalog|portal|link|file):|^\.{0,2}\//.test(range) ? 'file' : source,
    ...(source !== 'registry' && { resolved: range }),
    isBundled: false,
    isDev,
    isOptional,
    hasInstallScript: false,
    path: [`${real.name}@${real.range}`],
    ranges: [real.range],
    line: Math.max(1, lineOf(text, asked)),
  }
}

/** What advisories say of every version that may be installed: the newest is affected too, though nobody knows which it is. */
export function examineUnlockedKnown({ path, component }: Unlocked, advisories: readonly Advisory[]): FindingDraft[] {
  const { name, version, line, ranges: [range = ''] } = component
  const isExact = version === range
  return withoutAliases(advisories.filter((advisory) => isAffected(advisory, version)), (a, b) => compareSeverity(b.severity, a.severity)).map((advisory) => ({
    rule: advisory.isMalicious ? malicious.id : vulnerable.id,
    message: `${name} ${range}, without a lock file, ${isExact ? 'is affected' : 'takes no version that is not affected'}: ${advisory.summary === '' ? advisory.id : `${advisory.summary} (${advisory.id})`}`,
    severity: advisory.severity,
    ...(!isExact && { confidence: 'medium' as const }),
    location: { path, startLine: line },
    // A waiver is of one flaw here too; with a range nobody knows the version.
    purl: isExact ? purlOf(name, version) : purlOf(name, '').replace(/@$/, ''),
    advisory: { id: advisory.id, aliases: advisory.aliases, url: advisory.url },
    detail: advisory.url,
  }))
}

/** The line of a package.json that asks for a package; 0 where it cannot be told. */
export const lineOf = (text: string, name: string): number => text.split('\n').findIndex((line) => line.trimStart().startsWith(`${JSON.stringify(name)}:`)) + 1
