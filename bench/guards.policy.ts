import { unit, type Removal, type Removals } from './guard.ts'

const source = 'packages/shiplock/src'
/** A guard that the stories of pull requests notice. */
const story = (file: string, pattern: string, remove: string, replacement = ''): Removal => ({ file: `${source}/${file}`, test: 'e2e/policy.test.ts', pattern, remove, replacement, project: 'e2e' })
const own = (file: string, test: string, pattern: string, remove: string, replacement = ''): Removal => unit(`${source}/${file}`, `${source}/${test}`, pattern, remove, replacement)
const decide = (pattern: string, remove: string, replacement = ''): Removal => own('policy/decide.ts', 'policy/decide.test.ts', pattern, remove, replacement)
const settle = (pattern: string, remove: string, replacement = ''): Removal => own('policy/settle.ts', 'policy/settle.test.ts', pattern, remove, replacement)
const loosening = (pattern: string, remove: string, replacement = ''): Removal => own('policy/loosening.ts', 'policy/loosening.test.ts', pattern, remove, replacement)
const waivers = (pattern: string, remove: string, replacement = ''): Removal => own('policy/waivers-file.ts', 'policy/waivers-file.test.ts', pattern, remove, replacement)
const comments = (file: string, pattern: string, remove: string, replacement = ''): Removal => own(`policy/${file}.ts`, `policy/${file}.test.ts`, pattern, remove, replacement)
const approval = (pattern: string, remove: string, replacement = ''): Removal => own('policy/approval.ts', 'policy/approval.test.ts', pattern, remove, replacement)
const owners = (pattern: string, remove: string, replacement = ''): Removal => own('policy/code-owners.ts', 'policy/code-owners.test.ts', pattern, remove, replacement)
const github = (pattern: string, remove: string, replacement = ''): Removal => own('system/github.ts', 'system/github.test.ts', pattern, remove, replacement)
const mending = (pattern: string, remove: string, replacement = ''): Removal => own('system/mend-file.ts', 'system/mend-file.test.ts', pattern, remove, replacement)
const base = (pattern: string, remove: string, replacement = '', file = 'merge-base.ts'): Removal => own(`system/${file}`, 'system/merge-base.test.ts', pattern, remove, replacement)
const findings = (file: string, pattern: string, remove: string, replacement = ''): Removal => unit(`packages/findings/src/${file}.ts`, `packages/findings/src/${file}.test.ts`, pattern, remove, replacement)

export const policyRemovals: Removals = {
  'a pull request that lets itself through': {
    'its gate does not judge': story('stages/judging-policy.ts', 'lowers the gate', 'gates: judged.effective.gates, checks', 'gates: after.config.gates, checks'),
    'its options do not judge': story('stages/judging-policy.ts', 'look elsewhere', 'checks: validOptions(judged.effective.checks, before.config.checks) }', 'checks: after.config.checks }'),
    'its waivers do not count': story('stages/judging-policy.ts', 'adds a waiver', '      waivers: waivers.effective,', '      waivers: after.waivers,'),
    'its baseline does not count': story('stages/judging-policy.ts', 'an entry that a pull request adds', '      baseline: baseline.effective,', '      baseline: after.baseline,'),
    'its ignore comments do not count': story('stages/policy-stage.ts', 'adds an ignore comment', 'result(id))])), judged.effective,', 'result(id))])), comments.value,'),
    'what it would loosen in files is told': story('stages/judging-policy.ts', 'adds a waiver', '...judged.loosened, ...waivers.loosened, ...baseline.loosened]', ']'),
    'what it would loosen in code is told': story('stages/policy-stage.ts', 'adds an ignore comment', '...judged.loosened, ', ''),
    'a loosening refuses in CI': story('stages/judging-policy.ts', 'a loosening alone', 'isLooseningRefused: input.isCi', 'isLooseningRefused: false'),
    'GitHub says what it is to enter': story('cli/session.ts', 'lowers the gate', 'refsOfPullRequest(process.env) : [', 'undefined : ['),
    'without a merge base nothing is decided': story('cli/session.ts', 'cannot be found', '  if (!base.ok) throw new CommandFailure(3, base.failure)', '  if (!base.ok) return repository'),
    'only the first policy judges itself': story('stages/judging-policy.ts', 'adds an ignore comment', 'if (!hadPolicy && hasPolicy) return', 'if (hasPolicy) return'),
    'a gate is compared field by field': loosening('gates', 'return isLooser ? was : is', 'return is'),
    'a check that is switched off runs on': loosening('switched off runs on', "    checks[check] = stricter.effective\n", "    if (isOn) checks[check] = stricter.effective\n"),
    'a longer date does not count': loosening('prolonged', '    if (entry.expires <= latest.expires) return [judged]', '    if (entry.expires !== latest.expires) return [judged]'),
    'a waiver of what is about no file is another one': loosening('added or widened', 'entry.path !== wholeTree && isOnePath', '`${entry.path}${wholeTree}` !== "" && isOnePath'),
    'a wider waiver is another one': loosening('added or widened', 'entry.path !== wholeTree && isOnePath(entry.path)', 'entry.path !== wholeTree'),
    'a comment over other code is another one': loosening('over other code', "JSON.stringify([rules.toSorted(), told ?? '', code])", "JSON.stringify([rules.toSorted(), told ?? '', code.slice(0, 0)])"),
    'what hides from other tools is told': loosening('another tool', "  const counts = (comment: WaiverComment) => waives(comment) || comment.kind === 'tool'\n", '  const counts = (comment: WaiverComment) => waives(comment)\n'),
    'a comment for the rest of a file that comes earlier is another one': comments('waiver-comments', 'one that moves', '  if (forTheRest.test(told)) return undefined\n'),
    'the next line belongs to a comment that speaks of it': comments('waiver-comments', 'one that moves', 'standsAlone || forTheNext.test(told)', 'standsAlone'),
    'a block is told by what it is called': comments('waiver-comments', 'one that moves', "`${head ?? ''}${own}${next}`", "`${head?.slice(0, 0) ?? ''}${own}${next}`"),
    'what is said in any case is looked for in any case': comments('waiver-comments', 'is noticed', " || (isScript(path) && /@ts-nocheck/i.test(content.toString('latin1')))"),
    'the last line of a comment speaks to TypeScript': comments('waiver-comments', 'is noticed', 'lastLinePattern.test(last) ? last : ', ''),
    'a copy of a comment is added': loosening('a copy of one is added', '  if (left > 0) free.set(key, left - 1)\n'),
    'replaced objects are not believed': base('put in the place of another', "    GIT_NO_REPLACE_OBJECTS: '1',\n", '', 'tree-listing.ts'),
    'a path is one line to git': base('whatever the branch did', 'const asked = paths.filter(isPlain)', 'const asked = paths'),
  },
  'a loosening that nobody of its owners approves': {
    'an approval is for one head': approval('an older head', ' && commit === head'),
    'nobody approves their own change': approval('their own change', '![author, ...writers].some(', '!writers.some('),
    'a robot approves nothing': approval('a robot', ' && isPerson'),
    'the last word of each counts': approval('and then asks for changes', "['APPROVED', 'CHANGES_REQUESTED', 'DISMISSED'].includes", "['APPROVED'].includes"),
    'a name is the same in another case': approval('in another case', 'last.set(review.user.toLowerCase(), review)', 'last.set(review.user, review)'),
    'who approves owns the file': approval('somebody else approves', 'return team === undefined ? isSame(name, user) :', 'return team === undefined ? true :'),
    'who approves may write': approval('may no longer write', 'if (isOwner && holds(mayWrite(user)))', 'if (isOwner)'),
    'what cannot be told does not count': approval('the team cannot be read', '    return answer === true', '    return answer !== false'),
    'of several files each is cleared': approval('each of them is', 'all.find(({ isCleared }) => !isCleared) ?? all[0]', 'all[0]'),
    'a loosening of many files names them all': loosening('with every file', 'related: others.map((path) => ({ path }))', 'related: []'),
    'a file without an owner is not cleared': approval('its owners were taken away', ' || rule.owners.length === 0'),
    'the last line decides': owners('the last line', 'rules.findLast(', 'rules.find('),
    'what GitHub skips is skipped': owners('lines that GitHub skips', ' || !owners.every((owner) => ownerPattern.test(owner))'),
    'a last star is one level': owners('names these and not those', '(!isLevel && matchesPath', '(matchesPath'),
    'what is checked out is the head': github('what is checked out', "      if (!isCheckedOut(root, head, environment['GITHUB_SHA'])) return fail(`what is checked out is not ${head.slice(0, 12)}, the head of the pull request now, nor its merge`)\n"),
    'every page is read': github('page by page', 'if (answer.value.value.length < perPage) return', 'if (answer.value.value.length <= perPage) return'),
    'the token goes over https': github('nobody is asked', "|| (base.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(base.hostname))", "|| base.protocol === 'http:'"),
    'a team of another organisation owns nothing': github('who is in a team', '      if (organisation.toLowerCase() !== repository.split(\'/\')[0]?.toLowerCase()) return false\n'),
    'edits are approved by nobody': story('stages/approvals.ts', 'for this head alone', "  if (snapshot.dirty !== false) return all('files differ from those of the commit, which is all that anybody can have approved')\n"),
    'owners are those of the merge base': story('system/merge-base.ts', 'for this head alone', 'codeOwners: () => readCodeOwners(root, commit)', "codeOwners: () => readCodeOwners(root, 'HEAD')"),
    'a cleared policy does not judge': story('stages/judging-policy.ts', 'for this head alone', 'config: { ...after.config, gates: judged.effective.gates', 'config: { ...after.config, gates: after.config.gates'),
  },
  'a mend that does harm': {
    'a link is not mended': mending('a link is not followed', "  if (file.mode === 'symlink') return fail('is a link, and what it leads to may be anywhere')\n"),
    'nor what is behind one': mending('a link is not followed', "  if (realpathSync(directory) !== join(realpathSync(snapshot.root), dirname(path))) return fail('lies behind a link')\n"),
    'nor a file with another name': mending('has two names', 'nlink > 1) return', 'nlink > 9) return'),
    'nor what is no text': mending('has two names', 'Buffer.from(text, \'utf8\').equals(content.value) ? ok(text)', 'text.length >= 0 ? ok(text)'),
    'nor what was edited since': mending('edited since', '  const before = readForMending(snapshot, path)\n  if (!before.ok) return before\n'),
    'a mended file keeps its rights': mending('keeps its rights', 'mode: lstatSync(absolute).mode & 0o777, '),
    'of two that overlap one is applied': findings('edit', 'of two that overlap', ' && !applied.some((other) => start < other.end && other.start < end)'),
    'a file keeps its line ends': findings('edit', 'keeps its line ends', "edit.text.replaceAll('\\n', lineEnd)", 'edit.text'),
    'the same edit counts once': findings('edit', 'counts once', '    if (seen.has(key)) continue\n'),
    'what is waived is not mended': { ...story('stages/fix.ts', 'what is waived', '.filter((path) => !waived.has(path))'), test: 'e2e/fix.test.ts' },
    'what was not asked for is not mended': { ...story('stages/fix.ts', 'what is waived', '(finding.location && isAsked(finding) ?', '(finding.location ?'), test: 'e2e/fix.test.ts' },
    'oxlint mends what it can': { ...story('stages/fix.ts', 'mends what is certain', '.filter((path) => !edits.has(path)) : []', '.filter(() => false) : []'), test: 'e2e/fix.test.ts' },
    'a job that pushes keeps its credentials': own('checks/workflows/rules/persisted-credentials.ts', 'stages/edits.test.ts', 'a job that pushes', ' || job.steps.some((later) => later.node.start > step.node.start && pushes(file, later))) return []', ') return []'),
    'what is written on one line is left alone': own('checks/workflows/rules/persisted-credentials.ts', 'stages/edits.test.ts', 'is left to a person', "/^ *(?:- +)?$/.test(before)", '/^/.test(before)'),
    'a command inside another is left alone': own('checks/dockerfile/package-managers.ts', 'stages/edits.test.ts', 'is left to a person', " || !/^(?:sudo\\s+)?(?:apt-get|apt|aptitude)\\s/.test(written)"),
  },
  'results forged by code that nothing confines': {
    'nothing is replayed where nothing confines': story('stages/context.ts', 'where nothing confines', '...(input.useCache && isBelieved && { store', '...(input.useCache && { store'),
    'what could be forged is thrown away before the next run': story('stages/context.ts', 'where nothing confines', '  forgetWhatCouldBeForged(state, isCi)\n'),
    'a run without a wall leaves its mark': own('system/workspace.ts', 'system/workspace.test.ts', 'it tells when code', '  if (isUnconfined) workspace.onUnconfined?.()\n  try {', '  try {'),
    'a mark that was taken away is made again': own('system/workspace.ts', 'system/workspace.test.ts', 'it tells when code', '    if (isUnconfined) workspace.onUnconfined?.()\n  }\n', '  }\n'),
  },
  'waivers that cover more than they say': {
    'a waived finding does not refuse': decide('a waived finding', '!waiver && !(newOnly', '!(newOnly'),
    'the baseline counts unless the gate asks for more than what is new': decide('in the baseline does not refuse', '!(newOnly && isBaselined)', '!isBaselined'),
    'a comment waives its rule': settle('nothing else', 'candidate.rules.includes(rule)', '(candidate.rules.includes(rule) || rule.length > 0)'),
    'a comment waives its lines': settle('nothing else', 'for (const line of comment.covers) {', 'for (const line of [...comment.covers, ...Array.from({ length: 99 }, (_, at) => at + 1)]) {'),
    'a comment waives in its file': settle('nothing else', '.get(`${startLine}\\0${path}`)', ".get([...byPlace(comments).keys()].find((key) => path !== '' && key.startsWith(`${startLine}\\0`)) ?? '')"),
    'an entry waives its rule': settle('component or fingerprint', 'entry.rule !== rule || ', ''),
    'an entry waives its fingerprint': settle('component or fingerprint', ' || (entry.fingerprint !== undefined && entry.fingerprint !== fingerprint)'),
    'a waiver waives the advisory that it names': settle('the advisory that it names', 'finding.advisory !== undefined && isSameAdvisory(entry.advisory, finding.advisory)', 'finding.advisory !== undefined'),
    'one that names no advisory waives none': settle('without an advisory', '  return finding.advisory === undefined || !namesNoAdvisory(entry)\n', '  return true\n'),
    'a comment waives no advisory': settle('without an advisory', 'finding.advisory ? undefined : commentOver(finding, comments)', 'commentOver(finding, comments)'),
    'one that is too wide is told': settle('without an advisory', '    ...[...tooWide].map(([by, advisories]) => withoutAdvisory(by, [...advisories].toSorted())),\n'),
    'how a flaw affects is said of one flaw': waivers('says why', "  if (vex && advisory === undefined) return invalid('says by `vex` how a flaw affects, and names no `advisory`')\n"),
    'a justification is for not_affected': waivers('says why', "  if (status !== 'not_affected') return `", "  if (status === 'under_investigation') return `"),
    'another advisory is another waiver': loosening('another advisory', '  if (before.advisory !== entry.advisory) return false\n'),
    'a claim does not go out before the merge': loosening('what others would be told', 'const judged = isToldAlready ? entry : {', 'const judged = isToldAlready || told ? entry : {'),
    'not_affected is said only by the waiver': own('report/openvex.ts', 'report/openvex.test.ts', 'a waiver with a reason', "vex = { status: 'affected' } } = waiver", "vex = { status: 'not_affected' } } = waiver"),
    'a stale OpenVEX does not stay': story('cli/output.ts', 'goes out as OpenVEX', '    if (vex === undefined) rmSync(vexPath, { force: true })\n    else writeAtomically(vexPath, vex)', '    if (vex !== undefined) writeAtomically(vexPath, vex)'),
    'an expired one waives nothing': settle('on the day it expires', '!isExpired(candidate, today) && covers', 'covers'),
    'ours without a reason waives nothing': settle('without a reason', " && kind === 'nosec'))", '))'),
    'unused is said only where a check looked': settle('covers nothing is reported', '(hasLooked(rule) || !knownRules.has(rule))', 'true'),
    'a waived copy takes no entry of the baseline': settle('does not take the baseline', '[...waived.filter(({ waiver }) => !waiver), ...waived.filter(({ waiver }) => waiver)]', 'waived'),
    'without a rule it waives nothing': waivers('says why', "  if (rule === undefined) return [problem('a waiver names no `rule` and waives nothing', line, 'policy/waiver-without-rule')]\n", "  if (rule === undefined) return []\n"),
    'findings about the policy are not waived': waivers('says why', "  if (rule.startsWith('policy/')) return invalid('would waive a finding about the policy itself')\n"),
    'at most 180 days': waivers('says why', '  if (days > longestDays)', '  if (days > longestDays * 2)'),
    'an owner is asked for': waivers('says why', "  if (owner === undefined) return invalid('has no `owner`')\n", '  if (owner === undefined) return []\n'),
    'a file of errors is no hang': waivers('nothing but errors', ', prettyErrors: false'),
    'a string is no comment': comments('comments', 'from a string', "    else if (short !== undefined) at = endOfString(text, at + 1, short, lineEnd(text, at))\n", '    else if (short !== undefined) at += 1\n'),
    'a heredoc is no comment': comments('comments', 'from a string', "    else if (syntax.hasHeredocs && text.startsWith('<<', at)) at = endOfHeredoc(text, at)\n"),
    'words that are no rules are not guessed': comments('waiver-comments', 'cannot be told apart', " || (kind === 'shiplock-ignore' && rules.length < words.length)"),
  },
  'fingerprints that change': {
    'white space does not count': findings('fingerprint', 'reformatted', "sourceOf(draft).replace(/\\s+/g, '')", 'sourceOf(draft)'),
    'the path does not count': findings('fingerprint', 'reformatted', "location ? message.replaceAll(location.path, '') : message", 'message + (location?.path ?? message)'),
    'what is around the marked code does not count': findings('fingerprint', 'stands around', "if (startColumn === undefined || endColumn === undefined || (startLine === endLine && endColumn <= startColumn)) return", 'if (startColumn !== 0 || endColumn === undefined) return'),
    'advisories and versions count': findings('fingerprint', 'an advisory', '/(?<![\\w.-])\\d+(?![\\w-]|\\.\\d)/g', '/\\d+/g'),
    'a copy is another flaw': findings('fingerprint', 'a copy of a flaw', '    seen.set(flaw, nth)\n'),
    'a copy is matched once': findings('baseline', 'as many as are more', '    candidates.splice(at, 1)\n'),
    'the file that an entry names comes first': findings('baseline', 'a copy in another file', '  for (const finding of findings) take(finding, ({ path }) => path === finding.location?.path)\n'),
  },
}
