import { unit, type Removal, type Removals } from './guard.ts'

const check = 'packages/shiplock/src/checks/dependencies'
const library = 'packages/advisories/src'
const inCheck = (file: string, pattern: string, remove: string, replacement = ''): Removal => unit(`${check}/${file}`, `${check}/dependencies.test.ts`, pattern, remove, replacement)
const names = (pattern: string, remove: string, replacement = ''): Removal => unit(`${check}/confusable.ts`, `${check}/confusable.test.ts`, pattern, remove, replacement)
const licences = (pattern: string, remove: string, replacement = ''): Removal => unit(`${check}/licences.ts`, `${check}/licences.test.ts`, pattern, remove, replacement)
const fixture = (file: string, name: string, remove: string, replacement = ''): Removal => unit(`${check}/${file}`, 'packages/shiplock/src/checks/checks.test.ts', `bad.${name}`, remove, replacement)
const lock = (file: string, pattern: string, remove: string, replacement = ''): Removal => unit(`${library}/${file}`, `${library}/lock-file.test.ts`, pattern, remove, replacement)
const beside = (file: string, pattern: string, remove: string, replacement = ''): Removal => unit(`${library}/${file}.ts`, `${library}/${file}.test.ts`, pattern, remove, replacement)
const index = (pattern: string, remove: string, replacement = ''): Removal => unit(`${library}/node.ts`, `${check}/dependencies.test.ts`, pattern, remove, replacement)

export const dependencyRemovals: Removals = {
  'dependencies that nobody looked at look clean': {
    'without a lock file it is a finding': inCheck('examine-unlocked.ts', 'no lock file speaks of', 'if (!lockedFolders.includes(folder)) findings.push(', 'if (lockedFolders.includes(folder)) findings.push('),
    'ranges are matched without one': inCheck('run.ts', 'nothing in it is free', '  for (const it of asked) findings.push(...examineUnlockedKnown(it, of(it.component.name)))\n'),
    'the newest of a range decides': beside('newest', 'the newest of', "if (operator === '<') return justBelow(at)", "if (operator === '<') return justBelow(at) && at.version"),
    'a huge lock file is told': inCheck('read-locks.ts', '65 MiB', "    report(path, `it is larger than ${largestLockFile / 1024 / 1024} MiB`)\n"),
    'a binary one is told': inCheck('read-locks.ts', 'no lock file speaks of', "  for (const path of binaries) report(", "  for (const path of []) report("),
    'old data is not believed': inCheck('advisory-data.ts', 'not believed when it is old', 'Date.now() - checkedAt <= maxAgeDays * day && ', ''),
    'data from the future is not believed': inCheck('advisory-data.ts', 'from the future', ' && checkedAt - Date.now() <= day'),
    'that a registry has nothing is remembered for an hour': index('for an hour', '&& now - at < silenceMs ', ''),
    'and not from the future': index('for an hour', '&& at <= now ', ''),
    'and of that registry alone': index('for an hour', "update(registry ?? '').digest", "update('').digest"),
    'what may pass is not remembered': index('is asked for again', '[404, 405, 410, 501].includes(response.status)', 'response.status > 0'),
    'a licence that is not known is told': inCheck('run.ts', 'very version that is installed', '    findings.push(...unknownFindings(lock, unknown))\n'),
    'a licence is of the very version': inCheck('installed-licences.ts', 'very version that is installed', 'found?.version === version && found.licence', 'found?.licence'),
    'what is installed is part of the fingerprint': inCheck('installed-licences.ts', 'leads out', 'JSON.stringify(found)', 'JSON.stringify(locks.length)'),
    'a licence behind a link is not read': unit('packages/shiplock/src/system/installed.ts', `${check}/dependencies.test.ts`, 'leads out', '    if (!isBelow(root, file)) return { version }\n'),
  },
  'a lock file that was edited by hand': {
    'another archive is told': fixture('examine-component.ts', 'lock-file-edited', ' && !isArchiveOf(component.resolved, name, version)', ' && component.resolved === name'),
    'the name of an archive is compared': beside('archive', 'is not', 'path.slice(0, dash).endsWith(`/${name}`) && ', ''),
    'the version of an archive is compared': beside('archive', 'is not', 'endsWith(`/${name}`) && files.includes(file)\n  if', 'endsWith(`/${name}`)\n  if'),
    'a package in the place of another is told': lock('connect.ts', 'in the place of another', ' && entry.name !== unalias(name, range).name', ' && entry.name === name'),
    'a registry slipped in is told': fixture('run.ts', 'lock-file-edited', '    findings.push(...examineRegistries({ path: lock.path, components }, hosts, options))\n'),
    'named registries are the only ones': inCheck('examine-registries.ts', 'registries named', '  if (registries.length > 0) return new Set(registries)\n'),
    'what is no hash is none': beside('integrity', 'the integrity', '/^(?:sha1|md5)-', '/^(?:\\w+)-'),
    'a branch is no commit': fixture('examine-component.ts', 'lock-file-edited', " && !isCommit.test(component.resolved ?? '')", ' && component.resolved === undefined'),
    'bundled is what something bundles': lock('package-lock.ts', 'inside another archive', ' && isInside(packages, key)'),
    'what is bundled has no address': lock('package-lock.ts', 'inside another archive', ' && resolved === undefined'),
    'one thing said twice is refused': lock('lock-file.ts', 'says one thing twice', 'twice === undefined ? ok(', 'twice === undefined || twice !== undefined ? ok('),
    'an escaped key is the same key': beside('duplicate-key', 'is there twice', 'isEscaped ? unescaped(text.slice(from - 1, at + 1)) : text.slice(from, at)', 'text.slice(from, at)'),
    'a scope is one step': lock('bun-lock.ts', 'the same scope', '(?:@[^/]*\\/)?[^/]*$/', '[^/]*$/'),
    'both documents of pnpm are read': lock('pnpm-lock.ts', 'document in front', 'documents.length === 1 ? documents[0]! : joined(documents)', 'documents[0]!'),
  },
  'names that are made to be mistaken': {
    'slips are found': names('is taken for', 'isOneSlipApart(name.slice(scope.length), popular.slice(scope.length))', 'name === popular'),
    'letters that look alike are found': names('is taken for', ".replace(/[а-яіѕјԁ]/gu, (letter) => cyrillic[letter] ?? letter)"),
    'what is meant is left alone': names('many install', '    if (meant.has(name)) return undefined\n'),
  },
  'licences that are let through': {
    'a denial holds whatever is allowed': licences('with', '  if (deniedLicences.includes(expression)) return false\n'),
    'a denial is not lifted by the old way of writing': licences('with', "id.replace(/-only$/, '').replace(/-or-later$/, '+')", 'id'),
    'what is no expression is not allowed': licences('with', '  if (read === undefined) return false', '  if (read === undefined) return true'),
  },
  'an index of advisories that is not whole': {
    'an archive that was cut is not taken': beside('unzip', 'cut between two files', '  if (promised !== files) throw', '  if (promised === -1) throw'),
    'other bytes than were sent are not taken': index('not those that were sent', 'if (promised !== undefined && promised !== md5)', 'if (promised === md5 && promised === undefined)'),
    'what another update writes stays': index('leaves alone', 'age > remainsMs', 'age > -1'),
    'what a killed update left goes': index('leaves alone', ' || age > remainsMs'),
    'half an index is removed': index('interrupted', '    rmSync(temporary, { force: true })\n'),
    'a full disk is told as that': index('disk that is full', "('errcode' in error && error.errcode === 13)", "('errcode' in error && error.errcode === -1)"),
  },
}
