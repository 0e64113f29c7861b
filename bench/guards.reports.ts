import { unit, type Removal, type Removals } from './guard.ts'

const report = 'packages/shiplock/src/report'
const inReport = (file: string, test: string, pattern: string, remove: string, replacement = ''): Removal => unit(`${report}/${file}`, `${report}/${test}`, pattern, remove, replacement)
const sarif = (file: string, pattern: string, remove: string, replacement = ''): Removal => inReport(`sarif/${file}`, 'sarif/render-sarif.test.ts', pattern, remove, replacement)
const junit = (pattern: string, remove: string, replacement = ''): Removal => inReport('junit.ts', 'junit.test.ts', pattern, remove, replacement)
const annotations = (file: string, pattern: string, remove: string, replacement = ''): Removal => inReport(`github/${file}`, 'github/annotations.test.ts', pattern, remove, replacement)
const summary = (pattern: string, remove: string, replacement = ''): Removal => inReport('github/job-summary.ts', 'github/job-summary.test.ts', pattern, remove, replacement)
const command = (file: string, pattern: string, remove: string, replacement = ''): Removal => ({ file: `packages/shiplock/src/${file}`, test: 'e2e/check.test.ts', pattern, remove, replacement, project: 'e2e' })

export const reportRemovals: Removals = {
  'a check that failed looks clean in a report': {
    'SARIF says that it failed': sarif('render-sarif.ts', 'does not look clean', 'executionSuccessful: check.trouble === undefined', 'executionSuccessful: true'),
    'SARIF says why': sarif('render-sarif.ts', 'does not look clean', '...troubleNotifications(check), '),
    'JUnit calls it an error': junit('is an error', 'return trouble.isOptional ? { skipped: verdict } : { error: verdict }', 'return { skipped: verdict }'),
    'a skipped check is trouble': inReport('check-results.ts', 'github/job-summary.test.ts', 'is not a check that found nothing', "stage.outcome?.kind === 'skipped' ? { kind: 'skipped', reason: 'skipped', text: stage.outcome.reason } : undefined", 'undefined'),
    'the annotations begin with it': annotations('annotations.ts', 'before any finding', '...checkResults(record).flatMap(troubleAnnotation), '),
  },
  'a report larger than its reader takes': {
    'SARIF keeps the worst 5,000 of a run': sarif('render-sarif.ts', 'is left out worst last', 'findings: check.findings.slice(0, limit)', 'findings: check.findings'),
    'SARIF keeps 20 runs': sarif('render-sarif.ts', 'beyond the twentieth', 'if (checks.length <= githubLimits.runs) return checks', 'if (checks.length > 0) return checks'),
    'SARIF stays small compressed': sarif('render-sarif.ts', 'too large compressed', 'if (limit <= 1 || isSmallEnough(file.text)) return file', 'if (limit <= 1 || isSmallEnough("")) return file'),
    'what SARIF leaves out is said in it': sarif('render-sarif.ts', 'is left out worst last', ", ...cuts.map((text) => notification('shiplock/left-out', 'warning', text))"),
    'ten annotations of a kind': annotations('annotations.ts', 'ten of each kind', 'return before < shownOfEachLevel', 'return before < Infinity'),
    'a summary of 1 MiB': summary('within what GitHub takes', 'if (size > room - roomForRest) break', 'if (size > Infinity) break'),
    'room for what other steps wrote': summary('leaves room', 'return Buffer.byteLength(text) <= room ? text', 'return Buffer.byteLength(text) > 0 ? text'),
  },
  'a hostile name in a report': {
    'a path in SARIF is encoded': sarif('results.ts', 'hostile text', ".map(encodeURIComponent).join('/')", ".join('/')"),
    'a lone surrogate in a path': sarif('results.ts', 'hostile text', 'return path.toWellFormed()', 'return path'),
    'a message in SARIF is no link': sarif('results.ts', 'is no link', "return shown.includes('](') ? shown.replace(/[\\\\[\\]]/g, '\\\\$&') : shown", 'return shown'),
    'a message in SARIF has no placeholder': sarif('results.ts', 'is no link', ".replace(/\\{(\\d+)\\}/g, '{{$1}}')"),
    'what is no position is left out': sarif('results.ts', 'keeps what is a region', 'value >= 1', 'value >= 0'),
    'JSON has no command in it': inReport('json.ts', 'sarif/render-sarif.test.ts', 'hostile text', ".replaceAll('##[', '#\\\\u0023[')"),
    'XML has no character that it cannot hold': junit('hostile text', "visibleLines(text).join('\\n').replace(/[\\ufffe\\uffff]/g, noncharacter)", "visibleLines(text).join('\\n')"),
    'no line of the XML is a command': junit('hostile text', ".replace(/^([^\\S\\n]*)::/gm, '$1&#58;:')"),
    'a message ends no workflow command': annotations('workflow-command.ts', 'hostile text', ".replaceAll('\\n', '%0A')"),
    'a title ends no property': annotations('workflow-command.ts', 'escapes as the runner reads', ".replaceAll(',', '%2C')"),
    'an escape is no escape': annotations('workflow-command.ts', 'escapes as the runner reads', "text.replaceAll('%', '%25')", 'text'),
    'text for people has no workflow command': annotations('workflow-command.ts', 'text for a person', ".replace(/^([^\\S\\n]*)::/gm, '$1\\\\u{3a}:')"),
    'text for people has no old command': annotations('workflow-command.ts', 'text for a person', ".replaceAll('##[', '\\\\u{23}#[')"),
    'no empty line ends an HTML block of the summary': summary('hostile text', ".replace(/\\n\\s*\\n/g, '\\n')"),
    'what a stage says in Actions is no command': command('cli/streams.ts', 'no text of the repository', "process.env['GITHUB_ACTIONS'] === undefined ? text : withoutCommands(text)", 'withoutCommands(text) === text ? text : text'),
  },
  'what is staged passes unseen': {
    'git that cannot say what is staged': command('system/staged-files.ts', 'rather than showing nothing', 'if (!paths) return fail(', "if (!paths) return ok({ paths: [], edited: [] })\n  if (paths.length < 0) return fail("),
    'a finding in what is staged refuses': command('cli/check-command.ts', '--staged shows and refuses', 'isWithin(finding.location?.path, staged))', 'isWithin(finding.location?.path, []))'),
  },
  'a change while watching': {
    'a folder that was not there is watched': command('cli/watch-command.ts', '--watch checks again', 'withNewDirectories(root, directories, known)', 'directories'),
    'its own reports are no change': command('cli/watch-command.ts', 'does not take its own reports', ' || reports === undefined) return', ' || reports !== "") return'),
    'a command that fails does not end it': command('cli/watch-command.ts', 'goes on after a config', '.catch(reportFailure)'),
  },
}
