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
const base = (pattern: string, remove: string, replacement = '', file = 'merge-base.ts'): Removal => own(`system/${file}`, 'system/merge-base.test.ts', pattern, remove, replacement)
const findings = (file: string, pattern: string, remove: string, replacement = ''): Removal => unit(`packages/findings/src/${file}.ts`, `packages/findings/src/${file}.test.ts`, pattern, remove, replacement)

export const policyRemovals: Removals = {
  'a pull request that lets itself through': {
    'its gate does not judge': story('stages/judging-policy.ts', 'lowers the gate', 'gates: judged.effective.gates, checks', 'gates: config.gates, checks'),
    'its options do not judge': story('stages/judging-policy.ts', 'look elsewhere', 'checks: validOptions(judged.effective.checks, beforeConfig.value.config.checks) }', 'checks: validOptions(config.checks, {}) }'),
    'its waivers do not count': story('stages/judging-policy.ts', 'adds a waiver', '      waivers: waivers.effective,', '      waivers: own.waivers,'),
    'its baseline does not count': story('stages/judging-policy.ts', 'an entry that a pull request adds', '      baseline: baseline.effective,', '      baseline: own.baseline,'),
    'its ignore comments do not count': story('stages/policy-stage.ts', 'adds an ignore comment', 'result(id))])), judged.effective)', 'result(id))])), comments.value)'),
    'what it would loosen in files is told': story('stages/judging-policy.ts', 'adds a waiver', '...judged.loosened, ...waivers.loosened, ...baseline.loosened]', ']'),
    'what it would loosen in code is told': story('stages/policy-stage.ts', 'adds an ignore comment', '...judged.loosened, ', ''),
    'a loosening refuses in CI': story('stages/judging-policy.ts', 'a loosening alone', 'isLooseningRefused: input.isCi', 'isLooseningRefused: false'),
    'GitHub says what it is to enter': story('cli/session.ts', 'lowers the gate', 'refsOfPullRequest(process.env) : [', 'undefined : ['),
    'without a merge base nothing is decided': story('cli/session.ts', 'cannot be found', '  if (!base.ok) throw new CommandFailure(3, base.failure)', '  if (!base.ok) return repository'),
    'only the first policy judges itself': story('stages/judging-policy.ts', 'adds an ignore comment', 'if (!hadPolicy && hasPolicy) return', 'if (hasPolicy) return'),
    'a gate is compared field by field': loosening('gates', 'return isLooser ? was : is', 'return is'),
    'a check that is switched off runs on': loosening('switched off runs on', "    checks[check] = stricter.effective\n", "    if (isOn) checks[check] = stricter.effective\n"),
    'a longer date does not count': loosening('prolonged', '    if (entry.expires <= latest.expires) return [entry]', '    if (entry.expires !== latest.expires) return [entry]'),
    'a wider waiver is another one': loosening('added or widened', '  const isOne = entry.path !== undefined && isOnePath(entry.path)', '  const isOne = entry.path !== undefined'),
    'a comment over other code is another one': loosening('over other code', "JSON.stringify([rules.toSorted(), told ?? '', code])", "JSON.stringify([rules.toSorted(), told ?? '', code.slice(0, 0)])"),
    'what hides from other tools is told': loosening('another tool', "  const counts = (comment: WaiverComment) => waives(comment) || comment.kind === 'tool'\n", '  const counts = (comment: WaiverComment) => waives(comment)\n'),
    'a copy of a comment is added': loosening('a copy of one is added', '  if (left > 0) free.set(key, left - 1)\n'),
    'replaced objects are not believed': base('put in the place of another', "    GIT_NO_REPLACE_OBJECTS: '1',\n", '', 'tree-listing.ts'),
    'a path is one line to git': base('whatever the branch did', 'const asked = paths.filter(isPlain)', 'const asked = paths'),
  },
  'waivers that cover more than they say': {
    'a waived finding does not refuse': decide('a waived finding', '!waiver && !(newOnly', '!(newOnly'),
    'the baseline counts where it is asked for': decide('in the baseline refuses', '!(newOnly && isBaselined)', '!isBaselined'),
    'a comment waives its rule': settle('nothing else', ' && candidate.rules.includes(finding.rule)'),
    'a comment waives its lines': settle('nothing else', ' && candidate.covers.includes(startLine)'),
    'a comment waives in its file': settle('nothing else', 'candidate.path === path && '),
    'an entry waives its rule': settle('component or fingerprint', 'entry.rule !== rule || ', ''),
    'an entry waives its fingerprint': settle('component or fingerprint', ' || (entry.fingerprint !== undefined && entry.fingerprint !== fingerprint)'),
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
