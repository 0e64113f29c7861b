import { unit, type Removal, type Removals } from './guard.ts'

const shiplock = 'packages/shiplock/src'
const change = (pattern: string, remove: string, replacement = ''): Removal => unit(`${shiplock}/adopt/file-change.ts`, `${shiplock}/adopt/file-change.test.ts`, pattern, remove, replacement)
const carried = (pattern: string, remove: string, replacement = ''): Removal => unit(`${shiplock}/adopt/carry-over.ts`, `${shiplock}/adopt/carry-over.test.ts`, pattern, remove, replacement)
const cloud = (pattern: string, remove: string, replacement = ''): Removal => unit(`${shiplock}/stages/doctor/cloud.ts`, `${shiplock}/stages/doctor/cloud.test.ts`, pattern, remove, replacement)

/** The guards of what is written into somebody's repository, of what is believed of other tools, and of what doctor calls good. */
export const adoptionRemovals: Removals = {
  'a repository that has files of its own': {
    'a file that is there is not overwritten': change('never overwritten', "kind === 'create' && readTextFile(join(root, path)) !== undefined", 'false'),
    'a link of the tree is not written through': change('a link of the tree', '  if (link !== undefined) return {', '  if (link === \'\') return {'),
    'what somebody changed since is left': change('changed since', "kind === 'create' && digestOf(current) === digest", "kind === 'create' && digest !== ''"),
    'where one file cannot be written none is left': change('none is left', '    undoChanges(root, state)\n    throw error', '    throw error'),
    'a link of the tree is not removed through': change('a link of the tree', '    if (linkOfTree(root, join(root, path)) !== undefined) {', '    if (path === \'\') {'),
  },
  'a hostile name in a repository': {
    'a comment of the config ends with its line': unit(`${shiplock}/adopt/render-config.ts`, `${shiplock}/adopt/propose-config.test.ts`, 'whatever names a repository has', "text.replace(/[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\s]+/gu, ' ')", 'text'),
    'a quote of the config ends with its string': unit(`${shiplock}/adopt/render-config.ts`, `${shiplock}/adopt/propose-config.test.ts`, 'whatever names a repository has', `.replaceAll("'", "\\\\'")`),
  },
  'what other tools were told is taken for more than it says': {
    'what has lapsed is not carried over': carried('nothing that has lapsed', '  if (until !== undefined && until < today) return undefined\n'),
    'nothing holds for ever': carried('for longer than 90 days', 'until !== undefined && until < latest ? until : latest', 'until ?? latest'),
    'a secret elsewhere is not waived': carried('one elsewhere is not', ' && location.startLine === about.line'),
    'another rule of ESLint waives nothing': carried('on the lines that it covered', "(sameAs[id] ?? []).some(", "Object.values(sameAs).flat().some("),
  },
  'doctor calls good what is not': {
    'a region that Cloud Run does not have': cloud('a region without Cloud Run', 'if (known.includes(location)) return', 'if (known.length > 0) return'),
    'a permission that is not granted': cloud('a permission that is not granted', 'filter((permission) => !granted.has(permission))', 'filter((permission) => granted.size === 0 && permission !== \'\')'),
    'a secret whose version is disabled': cloud('version is disabled', "field(answer.value.body, 'state') !== 'ENABLED'", "field(answer.value.body, 'state') === 'NEVER'"),
    'a clock that is wrong': cloud('a clock', 'const mostAheadMs = 60_000', 'const mostAheadMs = 600_000'),
  },
  'a secret that was renewed and that nobody runs': {
    'a new version is another revision': unit(`${shiplock}/deploy/release-plan.ts`, `${shiplock}/deploy/release-plan.test.ts`, 'a new version of a secret', ' && hasSecretsOf(revision, service.template)'),
  },
  'a run of which only half is kept': {
    'all of it or nothing': unit(`${shiplock}/history/database.ts`, `${shiplock}/history/database.test.ts`, 'nothing is kept', "      this.#database.exec('ROLLBACK')\n      throw error", "      this.#database.exec('COMMIT')\n      throw error"),
  },
}
