import { unit, type Removal, type Removals } from './guard.ts'

const deploy = 'packages/shiplock/src/deploy'
/** A guard of a release, and the test beside it. */
const at = (file: string, test: string, pattern: string, remove: string, replacement = ''): Removal => unit(`${deploy}/${file}`, `${deploy}/${test}`, pattern, remove, replacement)
const analysis = (pattern: string, remove: string, replacement = ''): Removal => at('canary/analyse.ts', 'canary/analyse.test.ts', pattern, remove, replacement)
const canary = (file: string, pattern: string, remove: string, replacement = ''): Removal => at(file, 'canary.test.ts', pattern, remove, replacement)
const sources = (file: string, pattern: string, remove: string, replacement = ''): Removal => at(`canary/${file}`, 'canary/sources.test.ts', pattern, remove, replacement)
const back = (pattern: string, remove: string, replacement = '', file = 'rollback.ts'): Removal => at(file, 'rollback.test.ts', pattern, remove, replacement)
const migration = (pattern: string, remove: string, replacement = ''): Removal => at('migrate.ts', 'migrate.test.ts', pattern, remove, replacement)

/** The guards of delivery, as the faults of its issue have them. */
export const deliveryRemovals: Removals = {
  'a candidate that is worse': {
    'errors in 2% of requests are seen': analysis('errors in 2%', "p < alpha && isLarge ? 'worse'", "p < 0 && isLarge ? 'worse'"),
    'being slower is seen': analysis('3 × slower', "{ name, kind: 'comparison', answer: p < alpha ? 'worse' : 'good', text, p, alpha }", "{ name, kind: 'comparison', answer: p < 0 ? 'worse' : 'good', text, p, alpha }"),
    'a check that refuses nothing any more is seen': analysis('refuses nothing any more', 'Math.min(fisherGreater(mine, n, theirs, otherN), fisherGreater(theirs, otherN, mine, n))', 'fisherGreater(mine, n, theirs, otherN)'),
    'errors in the log are seen': analysis('errors in the log', "name: 'errors in the log', kind: 'signal', answer: p < alpha ? 'worse' : 'good'", "name: 'errors in the log', kind: 'signal', answer: p < 0 ? 'worse' : 'good'"),
    'an objective holds whatever the stable revision does': analysis('the objective still is one', "answer: errors > 1 && shareInterval(errors, n).low > maxErrorRatio ? 'worse' : 'good'", "answer: errors > n ? 'worse' : 'good'"),
    'good needs enough requests': analysis('good needs enough requests', "  if (requests < minimum) return { answer: 'insufficient', isPassed: false, why: `${requests} of ${minimum} requests`, tests }\n"),
    'what could be chance is not called good': analysis('could be chance', "  if (unsure) return { answer: 'insufficient', isPassed: false, why: `${unsure.name}: ${unsure.text}`, tests }\n"),
    'looks share the false alarms': analysis('change nothing', 'limits.falseAlarm / (chances.steps * chances.looksPerStep * comparisons)', 'chances.steps * 0.05'),
    'our own requests are held to the guards': analysis('requests of our own decide', "  if (failed) return { answer: 'worse', isPassed: false, why: `${failed.name}: ${failed.text}`, tests, synthetic: measure }\n"),
    'a step that is not passed ends the canary': canary('promote.ts', 'fails-some', 'if (!step.decision.isPassed) {', 'if (!step.decision.isPassed && percent > 100) {'),
    '100% is watched too': canary('promote.ts', 'only once it is busy', '    if (!step.decision.isPassed) {', '    if (!step.decision.isPassed && percent < 100) {'),
  },
  'metrics missing': {
    'a source that does not answer moves no traffic': canary('promote.ts', 'moves no traffic at all', '    if (!window.ok) return window\n    const unchanged', '    if (!window.ok) await giveShare(session, revision, service, stable, percent)\n    if (!window.ok) return window\n    const unchanged'),
    'a blind source is no pass': canary('canary/watch.ts', 'is blind', 'if (counts.ok && requestsOf(counts.value.get(candidate) ?? nothingCounted) > 0) return ended(decision)', 'if (counts.ok) return ended(decision)'),
    'a refusal is no metrics': sources('cloud-monitoring.ts', 'is no metrics', '      if (answer.status !== 200) return fail(unavailable(url, `it answers ${answer.status} ${answer.body.slice(0, 300)}`))\n', "      if (answer.status !== 200) return ok([])\n"),
    'minutes before the window do not count': sources('cloud-monitoring.ts', 'only minutes within', '>= from.getTime()', '>= 0'),
    'a counter that began anew is whole': sources('source.ts', 'what grew since', '(now < before ? now : now - before)', '(now - before)'),
  },
  'somebody else changes the service': {
    'it is noticed between two steps': canary('promote.ts', 'in the middle is noticed', '    const unchanged = await undisturbedService(session, service)\n    if (!unchanged.ok) return unchanged\n    const shifted', '    const unchanged = await undisturbedService(session, { generation: (await session.api.getService(session.service).then((it) => (it.ok ? it.value?.generation : undefined))) ?? service.generation })\n    if (!unchanged.ok) return unchanged\n    const shifted'),
  },
  'a rollback by hand': {
    'what was given up is nothing to go back to': back('given up is nothing', 'annotations: withoutServed(live.value, candidate)', 'annotations: live.value.annotations', 'abandon.ts'),
    'the image is admitted again': back('not admitted', '  if (!admitted.ok) return admitted\n'),
    'a deploy that writes at the same moment loses': back('does not stop it', "    if (!written.ok && written.failure.reason === 'deploy-in-progress' && left > 1) continue\n"),
    'what is not known is not guessed': back('nothing to go back to', '  if (isKnown) return ok(previous)\n', '  if (isKnown || newest !== undefined) return ok(previous ?? newest ?? \'\')\n'),
  },
  'a migration that the stable revision cannot live with': {
    'it is asked first': migration('refused before it is done', '    if (!checked.ok) return fail(refused(stable.value, checked.failure))\n'),
    'the stable revision is looked at afterwards': migration('answers errors since then', "    if (!answer.ok) return fail({ reason: 'migration-refused'", "    if (!answer.ok && migration.command.length === 0) return fail({ reason: 'migration-refused'"),
    'one that fails ends the release': migration('ends the release', '  if (!done.ok) return fail({ ...done.failure,', '  if (!done.ok && migration.command.length === 0) return fail({ ...done.failure,'),
  },
}
