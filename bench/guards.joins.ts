import { unit, type Removal, type Removals } from './guard.ts'

const source = 'packages/shiplock/src'
const own = (file: string, test: string, pattern: string, remove: string, replacement = ''): Removal => unit(`${source}/${file}`, `${source}/${test}`, pattern, remove, replacement)
const run = (pattern: string, remove: string, replacement = '', file = 'checks/joined/run-tool.ts'): Removal => own(file, 'checks/joined/run-tool.test.ts', pattern, remove, replacement)
const join = (pattern: string, remove: string, replacement = ''): Removal => own('policy/join-findings.ts', 'policy/join-findings.test.ts', pattern, remove, replacement)
const locate = (pattern: string, remove: string, replacement = ''): Removal => own('checks/joined/locate.ts', 'checks/joined/locate.test.ts', pattern, remove, replacement)
const read = (file: string, pattern: string, remove: string, replacement = ''): Removal => own(`checks/${file}`, 'checks/joined/readers.test.ts', pattern, remove, replacement)
const story = (file: string, pattern: string, remove: string, replacement = ''): Removal => ({ file: `${source}/${file}`, test: 'e2e/joins.test.ts', pattern, remove, replacement, project: 'e2e' })

export const joinsRemovals: Removals = {
  'a joined program that did not look': {
    'an exit code that means a crash is a failure': run('does not mean that it looked', '  if (!tool.ran.includes(result.exitCode)) return fail(', '  if (result.exitCode > 1_000_000) return fail('),
    'output of no known shape is a failure': read('joined/read-output.ts', 'no known shape', "    return fail(output.startsWith('[… the beginning was cut]') ? 'it is too long' : 'it is not JSON')", '    document = []'),
    'a list that is not there is no empty one': read('osv-scanner/read-report.ts', 'no known shape', '  results: z.nullable(', '  results: z.nullish('),
    'a run that says that it failed is a failure': read('joined/read-sarif.ts', 'did not succeed', 'executionSuccessful === false', 'executionSuccessful === undefined && false'),
    'a report that it did not write is a failure': run('is not shown what', "  return output === undefined ? fail(", "  return output === undefined && tool.report === undefined ? fail("),
    'too many results are a failure': run('than anybody reads', 'results.value.length > mostResults', 'results.value.length < 0'),
    'one that hangs is ended': run('hangs is ended', 'timeoutMs: options.timeoutSeconds * 1000 })', 'timeoutMs: 5000 + options.timeoutSeconds * 100_000 })'),
    'a version that cannot be told is a failure': run('does not tell its version', "result.exitCode !== 0 || said === ''", "said === '' && result.exitCode > 1_000_000"),
    'another version is looked at again': story('checks/joined/run-tool.ts', 'another version is', "[tool.id]: version.ok ? version.value : 'none'", "[tool.id]: version.ok ? tool.id : 'none'"),
  },
  'a repository that silences a joined program': {
    'what tells it to leave out is not shown to it': run('is not shown what', ' && !tool.toldBy.test(path)'),
    'a stale report is not shown to it': run('is not shown what', ' && path !== tool.report'),
    'links are not shown to it': run('is not shown what', '!files.isLink(path) && '),
    'a program of the repository is not it': run('is not taken for it', 'return !isOfPackages && !isWithin(real, tree)', 'return !isOfPackages && real !== tree', 'system/user-program.ts'),
    'a link to a program of the repository is not it': run('is not taken for it', 'return program === undefined || isWithin(realpathSync(program), realpathSync(root)) ? undefined : program', 'return program', 'system/user-program.ts'),
    'it gets only what it is to be handed': run('gets no credential', 'inherits.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]]))', "Object.entries(environment).flatMap(([name, value]) => (value === undefined || inherits.includes('*') ? [] : [[name, value]]))", 'stages/check-stage.ts'),
    'a path is no option': run('are no options', "path.startsWith('-') ? `./${path}` : path", 'path', 'checks/check.ts'),
    'an ignore comment that is added is told': own('policy/waiver-comments.ts', 'policy/waiver-comments.test.ts', 'anywhere in a comment', '/(?:trivy|tfsec):ignore:\\S*|(?:checkov|bridgecrew):skip=\\s*\\S*/g', '/^(?:trivy|tfsec):ignore:$/g'),
  },
  'a place that a joined program makes up': {
    'what is outside of the tree is no place': locate('leads out of the tree', '.filter((path) => !posix.isAbsolute(path))', ".map((path) => path.replace(/^\\/+/, ''))"),
    'only a file of the tree is a place': locate('whatever it is told', '.find(isFile)', '.find((it) => it.length > 0 || isFile(it))'),
    'what is no position is left out': locate('no positions', '  if (!isPosition(startLine)) return { path: inTree }\n', '  if (startLine === undefined) return { path: inTree }\n'),
    'a rule has a name that waivers can name': run('whatever it is called', ".replace(/[^\\w@./-]+/g, '-').replace(/^[^\\w@]+/, '')"),
  },
  'a secret that a joined program found': {
    'its line is not shown': story('checks/joined/run-tool.ts', 'appears in no output', "    ...(isSecret && { snippet: '***' }),\n", '    ...(isSecret && {}),\n'),
    'its message is ours': story('checks/gitleaks/read-report.ts', 'appears in no output', 'message: `holds a secret: ${ruleId}`, ', ' ...(ruleId && {}),'),
    'what cannot be read is not quoted': read('joined/read-output.ts', 'says nothing of the text', "'it is too long' : 'it is not JSON'", "'it is too long' : output"),
  },
  'one problem that two found': {
    'the place has to be the same': join('another file, other lines', ' && doTouch(location, other.location)', " && (location.path !== '' || doTouch(location, other.location))"),
    'the rules have to be equal': join('another file, other lines', ': ours.rule === pattern)', ": ours.rule === pattern || pattern !== '')"),
    'a secret without a line is no secret of ours': join('both say in which line', ' && ours.location?.startLine !== undefined && theirs.startLine !== undefined'),
    'what is no secret is none of ours': own('policy/join-findings.ts', 'policy/join-findings.test.ts', 'never taken for one', "`${name.split('/', 1)[0]}/*`", "...Object.keys(sameAs).filter((key) => key.endsWith('/*'))"),
    'the package has to be the same': join('by any of its names', '  return isSameComponent(plain(a.purl), plain(b.purl))', "  return a.purl !== '' || isSameComponent(plain(a.purl), plain(b.purl))"),
    'the lock file has to be the same': join('by any of its names', ' || a.location?.path !== b.location?.path'),
    'the worse severity counts': join('the worse severity', 'isAtLeast(severities, into.severity, other.severity) ? into.severity : other.severity', 'into.severity'),
    'the other is named': join('names both', '[...(into.alsoFoundBy ?? []), other.rule]', '[...(into.alsoFoundBy ?? [])]'),
    'its waiver is not that of ours': join('one of the other rule does not', '    ...into,\n', '    ...other,\n    ...into,\n'),
    'waivers come before': story('stages/judging-policy.ts', 'a waiver names a rule', 'has: (rule) => ownRules.has(rule) || joined.has(checkOf(rule))', 'has: (rule) => ownRules.has(rule) || (joined.has(checkOf(rule)) && rule.length < 0)'),
  },
}
