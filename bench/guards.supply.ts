import { unit, type Removal, type Removals } from './guard.ts'

const library = 'packages/advisories/src'
const own = (file: string, test: string, pattern: string, remove: string, replacement = ''): Removal => unit(`${library}/${file}.ts`, `${library}/${test}.test.ts`, pattern, remove, replacement)
const beside = (file: string, pattern: string, remove: string, replacement = ''): Removal => own(file, file, pattern, remove, replacement)
const catalogue = (pattern: string, remove: string, replacement = ''): Removal => beside('sbom/catalogue', pattern, remove, replacement)
const matched = (file: string, pattern: string, remove: string, replacement = ''): Removal => own(file, 'match/match-components', pattern, remove, replacement)
const update = (pattern: string, remove: string, replacement = ''): Removal => own('node', 'update', pattern, remove, replacement)

export const supplyRemovals: Removals = {
  'an image that nobody looked into looks clean': {
    'what is not there is not matched': matched('match/match-components', 'without a source', "if (source === undefined) leaveOut(matching.ecosystem, 'there are no advisories of it here (`shiplock db update` fetches them)')\n    else if", "if (source === undefined) continue\n    else if"),
    'nor what the source has nothing of': matched('match/match-components', 'a release that the source does not have', "else if (!source.ecosystems.has(matching.ecosystem)) leaveOut(matching.ecosystem, `${source.name} has nothing of this release`)\n    else", 'else'),
    'nor what has no version': matched('match/ecosystem', 'no version', 'return matching.order.isVersion(matching.version) ? matching :', 'return true as boolean ? matching :'),
    'nor what is of another distribution': matched('match/ecosystem', 'another distribution', "if (namespace !== 'debian') return", "if (namespace === '') return"),
    'in CI one that another job fetched is none': update('for the job that fetched it', "  return index && isForeign(directory, index.job, environment) ? undefined : index\n", '  return index\n'),
    'a CI that does not say which job runs proves nothing': update('for the job that fetched it', " && (job === '' || madeBy !== job)", ' && job !== madeBy && job !== \'\''),
    'a report is of this very image': own('match/foreign-report', 'match/merge-reports', 'and of none where it says neither', "imageDigest === image.digest || ", 'imageDigest !== image.digest || '),
    'what was not matched stays told': own('match/merge-reports', 'match/merge-reports', 'stays told', "  return { ...first, vulnerabilities", "  return { ...first, ...others[0], vulnerabilities"),
    'an old index is as good as none': update('too old or from the future', 'now - index.checkedAt > maxAgeDays * dayMs || '),
    'and so is one from the future': update('too old or from the future', ' || index.checkedAt - now > dayMs'),
    'a package.json that is none is told': catalogue('could not read a package.json says so', 'if (!installed.ok) notRead(installed.failure)\n      else if (installed.value)', 'if (installed.ok && installed.value)'),
    'a list that is not read is told': catalogue('no list of them that is read', "  if (kind === 'rpm-database') return void notRead('it is a list of packages of rpm, which is not read here')\n", "  if (kind === 'rpm-database') return\n"),
    'a damaged database is told': catalogue('could not read an entry of dpkg', "if (skipped > 0) notRead(`${skipped} of its entries are no packages`)\n  else ", ''),
    'a lock file that is none is told': catalogue('could not read a lock file', 'if (!read.ok) seen.unread.push(`${lock.path}: ${read.failure}`)\n    else', 'if (read.ok)'),
    'a huge file is told': catalogue('package.json of 5 MB', 'if (size > largestFile[kind]) return', 'if (size < 0) return'),
    'of others, whoever wrote the document says that it is not whole': own('sbom/read-cyclone-dx', 'sbom/documents', 'is read back', "record(it).get('name') === 'shiplock:unread'", "record(it).get('name') === 'unread'"),
  },
  'an advisory on the wrong package': {
    'Debian is matched by its source': matched('match/ecosystem', 'matched by their source', 'name: source?.name ?? name, version: source?.version ?? version, order: debianOrder', 'name, version, order: debianOrder'),
    'by dpkg’s order': matched('match/ecosystem', 'by dpkg’s order', 'orderOf(isDebianVersion, compareVersions)', 'orderOf(isDebianVersion, (a, b) => (a < b ? -1 : Number(a > b)))'),
    'in its own release': matched('match/ecosystem', 'of another release', '`Debian:${release}`', "'Debian:13'"),
    'what was withdrawn is none': own('advisory', 'match/match-components', 'withdrawn', " || text(fields.get('withdrawn')) !== undefined"),
    'what one advisory covers is not told twice': matched('match/match-components', 'several flaws', '|| !covers.every((id) => named.has(id))', '|| named.size >= 0'),
    'Node mends its own versions': beside('core-advisories', 'which of them are mended', '...(patchedVersions !== undefined &&', '...(patchedVersions === undefined &&', ),
    'Windows is not Linux': beside('core-advisories', 'other systems', " || (environments.length > 0 && !environments.some((name) => name === 'all' || name === 'linux'))"),
    'Debian’s Node is Debian’s': catalogue('leaves to a package of the system', 'if (!isOwned(location.path, seen.owned)) parts.add(nodeComponent', 'parts.add(nodeComponent'),
    'a script is no Node': beside('sbom/node-binary', 'a script that names Node', '...(isElf === true && version !== undefined &&', '...(version !== undefined &&'),
  },
  'hostile documents': {
    'a document has an end': own('sbom/read-cyclone-dx', 'sbom/read-sbom', 'says why', '    if (next >= mostComponents) return fail(`it has more than ${mostComponents} components`)\n'),
    'a name is one of a package': beside('sbom/dpkg', 'is counted and not made up', ' || !isName.test(name) || !isVersion.test(version)'),
    'a report is text in the tracker': own('match/rescan-issue', 'match/rescan', 'names of others stay text', "    .replace(/[\\\\`*_{}[\\]()<>#+!|~&$-]/g, '\\\\$&')\n"),
    'nobody is mentioned by it': own('match/rescan-issue', 'match/rescan', 'names of others stay text', "    .replace(/@(?=\\w)/g, '@\\u2060')\n"),
    'an answer has an end': update('longer than any', "    if (size > longestAnswer) throw new Error('its answer is too long')\n"),
  },
  'what runs is forgotten': {
    'a waiver ends': own('match/rescan', 'match/rescan', 'from the day after the last', 'covering.find(({ expires }) => expires >= today)', 'covering.find(({ expires }) => expires !== today || true)'),
    'a waiver is of its flaw': own('match/rescan', 'match/rescan', 'a waiver of something else', ' && idsOf(vulnerability).includes(advisory)\n\nconst isKnown', '\n\nconst isKnown'),
    'known is by name': own('match/rescan', 'match/rescan', 'by any name', 'plain(purl) === plain(vulnerability.component.purl) && ', ''),
  },
}
