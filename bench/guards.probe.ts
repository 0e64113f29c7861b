import { unit, type Removal, type Removals } from './guard.ts'

const folder = 'packages/shiplock/src/checks/probe'
const of = (test: string) => (file: string, pattern: string, remove: string, replacement = ''): Removal => unit(`${folder}/${file}`, test, pattern, remove, replacement)
/** A fixture that is then found nothing in, or too much. */
const zoo = of('packages/shiplock/src/checks/checks.test.ts')
const hostile = of(`${folder}/hostile-servers.test.ts`)
const probed = of(`${folder}/probe.test.ts`)
const judged = of(`${folder}/judges.test.ts`)
const stages = 'packages/shiplock/src/stages'
const story = (file: string, pattern: string, remove: string, replacement = ''): Removal => ({ file, test: 'e2e/probe.test.ts', pattern, remove, replacement, project: 'e2e' })

export const probeRemovals: Removals = {
  'a candidate that loses a part of its CSRF check': {
    'the token of another session is tried': zoo('exercise.ts', 'bad.token-of-anybody', '  if (isAccepted(borrowed, proper) && !isAccepted(tampered, proper))\n', '  if (borrowed === proper && borrowed)\n'),
    'a foreign origin is tried': zoo('exercise.ts', 'bad.foreign-origin', "await send(exercise, form, 'proper', 'foreign origin')", "await send(exercise, form, 'missing', 'foreign origin')"),
    'a foreign origin comes with all cookies': zoo('browser.ts', 'bad.foreign-origin', "(from !== 'another site' || isSentFromOtherSites(cookie))", "(from === 'here' || isSentFromOtherSites(cookie))"),
  },
  'a candidate that drops a header, or says what it should not': {
    'a policy that only reports is none': zoo('judge-headers.ts', 'bad.csp-reports-only', "response.headers.get('content-security-policy')\n", "response.headers.get('content-security-policy') ?? response.headers.get('content-security-policy-report-only')\n"),
    'every policy has to let scripts run': judged('judge-headers.ts', 'of several all hold', 'reasons.every((reason) => reason !== undefined)', 'reasons.some((reason) => reason !== undefined)'),
    'a policy in the page forbids no frames': judged('judge-headers.ts', 'in the page itself', 'judgeFraming(page, header === null ? [] : parsePolicies([header], []))', 'judgeFraming(page, policies.concat(parsePolicies(html.metas.get("content-security-policy") ?? [], [])))'),
    'errors alone are looked into': judged('error-pages.ts', 'is seen in an error', 'status < 400 ? undefined : inside', 'status < 0 ? undefined : inside'),
    'an open path is told by what it holds': zoo('open-paths.ts', 'ok.helmet', "    if (isPage && (rule === sourceExposed || rule === secretExposed || rule === metricsExposed)) return []\n"),
    'two slashes lead away': zoo('open-redirects.ts', 'bad.open-redirect-by-slashes', ', (host) => `//${host}/`'),
    'hanging up is no answer': zoo('error-pages.ts', 'bad.hangs-up', 'return [found(oddRequestFails, `${name} gets no answer`)]', 'return []'),
  },
  'a hostile server': {
    'the probe ends at its time': hostile('requester.ts', 'says nothing', '.request({ ...request, headers, signal })', '.request({ ...request, headers })'),
    'redirects are followed a few times': hostile('browser.ts', 'a redirect without end', 'redirects < mostRedirects ? this', 'redirects < 1000 ? this'),
    'another protocol is no answer': unit('packages/shiplock/src/system/http.ts', `${folder}/hostile-servers.test.ts`, 'another protocol', "    outgoing.on('upgrade', (_, socket) => (socket.destroy(), done(), unreachable('it would switch to another protocol')))\n", "    outgoing.on('upgrade', () => {})\n"),
    'a wide page does not overflow the stack': hostile('html-nodes.ts', 'a body without end', '    for (const child of childrenOf(node).toReversed()) stack.push(child)\n', '    stack.push(...childrenOf(node).toReversed())\n'),
    'a form has so many buttons and no more': hostile('html-forms.ts', 'buttons in one form', '.filter(({ element }) => isSubmit(element)).slice(0, mostButtons)', '.filter(({ element }) => isSubmit(element))'),
    'so many requests at once': hostile('requester.ts', 'under way at once', 'Math.min(this.#options.maxAtOnce, items.length)', 'items.length'),
    'what is quoted is cut': hostile('requester.ts', 'without end is a page', 'text.length > 120 ?', 'text.length > 120_000 ?'),
  },
  'a site that is nobody’s candidate': {
    'it is not asked to send anything back': probed('run.ts', 'looked at and never written to', '...(http.mayWrite ? await askTrace(requester, path) : [])', '...(await askTrace(requester, path))'),
    'it is not sent half a document': probed('error-pages.ts', 'looked at and never written to', '...(mayWrite ? [[', '...(path !== "" || mayWrite ? [['),
    'a certificate that nobody vouches for ends it': zoo('run.ts', 'bad.certificate-expired', "  if (ofTransport.some(({ rule }) => rule === certificateInvalid.id)) return { findings: ofTransport, summary: 'its certificate is not valid, so nothing was asked' }\n", '  void certificateInvalid\n'),
    'credentials in its address are refused': story('packages/shiplock/src/cli/probe-command.ts', 'is a mistake that is explained', "url.username !== '' || url.password !== ''", "url.username === url.password && url.password !== ''"),
    'nothing is left in the folder': story('packages/shiplock/src/cli/probe-command.ts', 'nothing is left behind', '...(place.isTemporary && { cwd: place.root })', '...(place.isTemporary && { cwd: options.cwd ?? "." })'),
  },
  'a revision that is not what was approved': {
    'another image': zoo('judge-release.ts', 'bad.other-digest', 'running.digest === approved.digest ?', 'running.digest !== "" ?'),
    'another environment': zoo('judge-release.ts', 'bad.other-environment', "running.get(name) === approved.get(name) ?", "running.get(name) !== undefined ?"),
    'a revision that is gone': unit(`${stages}/revision-states.ts`, `${stages}/revision-states.test.ts`, 'a failure, and nothing to pass', "if (!revision.value || !live.value) return fail({", "if (!revision.value) return ok({ approved: { digest: '', env: new Map() }, running: { digest: '', env: new Map() } })\n  if (!live.value) return fail({"),
  },
}
