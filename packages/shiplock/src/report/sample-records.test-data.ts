import { withFingerprints, type Finding, type FindingDraft, type RunRecord, type StageRecord, type Verdict } from '@shiplock/findings'

import { sampleCanary } from './sample-canary.test-data.ts'

export { withEveryString } from './hostile-texts.test-data.ts'

/** A digest that is recognisably made up: the hex digit 64 times. */
export const digestOf = (digit: string) => `sha256:${digit.repeat(64)}` as const

/** Findings as the framework would finish them; high and high where the draft says nothing. */
export function sampleFindings(...drafts: readonly FindingDraft[]): Finding[] {
  return withFingerprints(drafts.map((draft) => ({ severity: 'high', confidence: 'high', ...draft })))
}

/** A stage that is done after a second, where nothing else is said. */
export function sampleStage(stage: Pick<StageRecord, 'id' | 'title'> & Partial<StageRecord>): StageRecord {
  return { subject: 'tree', needs: [], status: 'done', replayed: false, startedMs: 0, durationMs: 1000, ...stage }
}

/** A record that holds together: plan, subjects and verdict follow from what is given. Allowed, where nothing else is said. */
export function sampleRecord({
  verdict,
  ...record
}: Partial<Omit<RunRecord, 'verdict'>> & { readonly verdict?: Partial<Verdict> } = {}): RunRecord {
  const stages = record.stages ?? [sampleStage({ id: 'lint', title: 'Lint' })]
  const subjects = record.subjects ?? [{ kind: 'tree', digest: digestOf('a'), commit: 'c0ffee'.repeat(6) + 'c0ff', dirty: false }]
  return {
    schema: 'https://shiplock.dev/schemas/run-1.json',
    tool: { name: 'shiplock', version: '0.1.0', node: '26.10.0' },
    id: '20261123-101502-7f3a',
    command: 'shiplock run',
    startedAt: '2026-11-23T10:15:02.000Z',
    durationMs: 8400,
    plan: {
      schema: 'https://shiplock.dev/schemas/plan-1.json',
      hash: digestOf('b'),
      tree: digestOf('a'),
      target: 'local',
      stages: stages.map(({ id, subject, needs }) => ({
        id,
        subject,
        needs,
        executes: id === 'tests',
        timeoutMs: 600_000,
        inputs: digestOf('d'),
        tools: {},
      })),
    },
    exitCode: 0,
    ...record,
    stages,
    subjects,
    verdict: { decision: 'allowed', subjects, plan: digestOf('b'), reasons: [], gates: [], ...verdict },
  }
}

const lintFindings = sampleFindings(
  {
    rule: 'lint/no-floating-promises',
    message: "Promise returned by 'save' is not awaited",
    location: { path: 'app/src/todo/add-todo.ts', startLine: 42, startColumn: 5, endLine: 42, endColumn: 15 },
    snippet: '    save(todo)',
    fix: 'Await the promise, or handle its rejection.',
  },
  {
    rule: 'lint/no-unused-vars',
    message: "'request' is declared but never used",
    severity: 'low',
    location: { path: 'app/src/server.ts', startLine: 7, startColumn: 9, endLine: 7, endColumn: 16 },
    snippet: '  const request = context.request',
  },
)

const testFindings = sampleFindings({
  rule: 'tests/failed',
  message: 'adding a to-do › refuses a form without a CSRF token',
  severity: 'critical',
  location: { path: 'app/src/todo/add-todo.test.ts', startLine: 18, startColumn: 29 },
  snippet: '    expect(response.status).toBe(403)',
  detail: [
    'AssertionError: expected 200 to be 403',
    '',
    '- Expected',
    '+ Received',
    '',
    '- 403',
    '+ 200',
    '    at app/src/todo/add-todo.test.ts:18:29',
  ].join('\n'),
  fix: 'Make the test pass, or remove it in a commit that says why.',
})

/** Three gates, two of them shut; the image was never built. */
export const refusedRecord = sampleRecord({
  durationMs: 6100,
  exitCode: 1,
  stages: [
    sampleStage({
      id: 'lint',
      title: 'Lint',
      durationMs: 810,
      summary: '38 files, 2 findings',
      outcome: { kind: 'completed', findings: lintFindings },
    }),
    sampleStage({
      id: 'types',
      title: 'Types',
      startedMs: 4,
      durationMs: 2,
      replayed: true,
      fingerprint: digestOf('e'),
      summary: '38 files, 0 findings',
      outcome: { kind: 'completed', findings: [] },
    }),
    sampleStage({
      id: 'tests',
      title: 'Tests',
      startedMs: 5,
      durationMs: 6040,
      confinement: 'bubblewrap',
      summary: '61 tests, 1 failed',
      outcome: { kind: 'completed', findings: testFindings },
    }),
    sampleStage({ id: 'verdict', title: 'Verdict', needs: ['lint', 'types', 'tests'], startedMs: 6046, durationMs: 3, summary: 'refused' }),
    {
      id: 'image',
      title: 'Image',
      subject: 'image',
      needs: ['verdict'],
      status: 'not-run',
      because: 'the verdict is refused',
      replayed: false,
    },
  ],
  verdict: {
    decision: 'refused',
    reasons: [
      { kind: 'finding', check: 'tests', text: 'tests: 1 finding at or above the gate' },
      { kind: 'finding', check: 'lint', text: 'lint: 1 finding at or above the gate' },
    ],
    gates: [
      { check: 'tests', decision: 'refuse', blocking: testFindings, total: 1 },
      { check: 'lint', decision: 'refuse', blocking: lintFindings.slice(0, 1), total: 2 },
      { check: 'types', decision: 'pass', blocking: [], total: 0 },
    ],
  },
})

const acceptedFindings = sampleFindings(
  ...['first', 'second', 'third', 'fourth'].map((message, index) => ({
    rule: index < 2 ? ('lint/error' as const) : ('lint/warning' as const),
    message,
    severity: (['high', 'high', 'medium', 'low'] as const)[index] ?? ('low' as const),
    location: { path: 'app/src/server.ts', startLine: index + 1 },
  })),
).map((finding, index): Finding => {
  if (index === 0) return { ...finding, waiver: { kind: 'file', reason: 'replaced in January', owner: 'ann@example.test', expires: '2027-01-31', location: { path: 'shiplock.waivers.yaml', startLine: 3 } } }
  if (index === 1) return { ...finding, waiver: { kind: 'comment', reason: 'the value is a constant', location: { path: 'app/src/server.ts', startLine: 1 } } }
  if (index === 3) return { ...finding, edits: [{ path: 'app/src/server.ts', startLine: 4, startColumn: 1, endLine: 4, endColumn: 9, text: '' }] }
  return index === 2 ? { ...finding, purl: 'pkg:npm/left-pad@1.3.0', advisory: { id: 'GHSA-0000-0000-0001', aliases: ['CVE-2099-0001'], url: 'https://osv.example.test/GHSA-0000-0000-0001' }, isBaselined: true } : finding
})

/** A change whose findings are accepted, all but one below the gate. */
export const acceptedRecord = sampleRecord({
  stages: [sampleStage({ id: 'lint', title: 'Lint', outcome: { kind: 'completed', findings: acceptedFindings } })],
  verdict: {
    policy: { from: 'merge-base', commit: 'c0ffee'.repeat(6) + 'c0ff' },
    gates: [{ check: 'lint', decision: 'pass', blocking: [], total: 4, waived: acceptedFindings.slice(0, 2), baselined: 1 }],
  },
})

const clearedFindings = sampleFindings({ rule: 'policy/loosened', message: 'the change lowers the gate', severity: 'high', location: { path: 'shiplock.config.ts' } }).map((finding): Finding => ({ ...finding, waiver: { kind: 'approval', reason: 'approved by ann, who owns shiplock.config.ts', owner: 'ann', location: { path: '.github/CODEOWNERS', startLine: 2 } } }))

/** A change that would loosen its policy, which a code owner has approved. */
export const clearedRecord = sampleRecord({
  stages: [sampleStage({ id: 'policy', title: 'Policy', outcome: { kind: 'completed', findings: clearedFindings } })],
  verdict: { policy: { from: 'merge-base', commit: 'c0ffee'.repeat(6) + 'c0ff' }, gates: [{ check: 'policy', decision: 'pass', blocking: [], total: 1, waived: clearedFindings }] },
})

/** A change that brings the first policy with it. */
export const adoptedRecord = sampleRecord({ verdict: { policy: { from: 'adoption', commit: 'c0ffee'.repeat(6) + 'c0ff' } } })

const releasedSubjects: RunRecord['subjects'] = [
  { kind: 'tree', digest: digestOf('a'), commit: 'c0ffee'.repeat(6) + 'c0ff', dirty: true },
  { kind: 'image', digest: digestOf('1'), reference: 'shiplock.local/todo' },
  { kind: 'revision', digest: digestOf('1'), service: 'todo', revision: 'todo-00002', uri: 'http://127.0.0.1:8080' },
]

/** Everything went well on the local target; what the cloud would ask for is not there yet. */
export const provisionalRecord = sampleRecord({
  subjects: releasedSubjects,
  stages: [
    sampleStage({
      id: 'lint',
      title: 'Lint',
      startedMs: 2,
      durationMs: 3,
      replayed: true,
      summary: '38 files, 0 findings',
      outcome: { kind: 'completed', findings: [] },
    }),
    sampleStage({
      id: 'types',
      title: 'Types',
      startedMs: 2,
      durationMs: 1240,
      summary: '38 files, 0 findings',
      outcome: { kind: 'completed', findings: [] },
    }),
    sampleStage({
      id: 'tests',
      title: 'Tests',
      startedMs: 3,
      durationMs: 3900,
      confinement: 'unconfined',
      summary: '61 tests',
      outcome: { kind: 'completed', findings: [] },
    }),
    sampleStage({
      id: 'image',
      title: 'Image',
      subject: 'image',
      startedMs: 4,
      durationMs: 2100,
      summary: `${digestOf('1').slice(0, 19)}… 55.9 MB`,
    }),
    sampleStage({
      id: 'verdict',
      title: 'Verdict',
      needs: ['lint', 'types', 'tests', 'image'],
      startedMs: 3904,
      durationMs: 4,
      summary: 'provisional',
    }),
    sampleStage({
      id: 'deploy',
      title: 'Deploy',
      subject: 'revision',
      needs: ['verdict', 'image'],
      startedMs: 3909,
      durationMs: 4400,
      summary: 'todo-00002 serves',
    }),
  ],
  verdict: {
    decision: 'provisional',
    reasons: [
      { kind: 'promise-missing', text: 'No advisory data: known vulnerabilities were not looked for' },
      { kind: 'unconfined', check: 'tests', text: 'repository code ran without confinement' },
    ],
    gates: ['lint', 'types', 'tests'].map((check) => ({ check, decision: 'pass', blocking: [], total: 0 })),
  },
  release: {
    service: 'todo',
    target: 'local',
    uri: 'http://127.0.0.1:8080',
    stable: 'todo-00001',
    candidate: 'todo-00002',
    result: 'promoted',
    steps: [
      { atMs: 3950, text: 'todo-00002 created at 0 %' },
      { atMs: 5200, text: 'todo-00002 is ready' },
      { atMs: 6900, text: 'probed: 5 requests, all as they must be' },
      { atMs: 8300, text: 'todo-00002 has 100 % of the traffic' },
    ],
  },
})

/** A tool was missing, a check was skipped, and one failed: nothing may be claimed. */
export const undecidedRecord = sampleRecord({
  exitCode: 3,
  stages: [
    sampleStage({
      id: 'lint',
      title: 'Lint',
      status: 'failed',
      durationMs: 12,
      failure: {
        reason: 'tool-missing',
        message: 'oxlint is not installed',
        hint: 'Run npm ci, then try again.',
        detail: 'spawn oxlint ENOENT',
      },
    }),
    sampleStage({ id: 'types', title: 'Types', durationMs: 9, outcome: { kind: 'skipped', reason: 'no tsconfig.json' } }),
    sampleStage({
      id: 'tests',
      title: 'Tests',
      durationMs: 600_000,
      confinement: 'bubblewrap',
      outcome: { kind: 'failed', failure: { reason: 'timed-out', message: 'npm test took longer than 10 minutes' } },
    }),
    sampleStage({ id: 'verdict', title: 'Verdict', needs: ['lint', 'types', 'tests'], startedMs: 600_001, durationMs: 1 }),
    {
      id: 'image',
      title: 'Image',
      subject: 'image',
      needs: ['verdict'],
      status: 'not-run',
      because: 'the verdict is undecided',
      replayed: false,
    },
  ],
  durationMs: 600_010,
  verdict: {
    decision: 'undecided',
    reasons: [
      { kind: 'not-decided', check: 'lint', text: 'oxlint is not installed' },
      { kind: 'not-decided', check: 'types', text: 'skipped: no tsconfig.json' },
      { kind: 'not-decided', check: 'tests', text: 'npm test took longer than 10 minutes' },
    ],
    gates: ['lint', 'types', 'tests'].map((check) => ({ check, decision: 'undecided', blocking: [], total: 0 })),
  },
})

/** The run was interrupted; one stage had met a bug before. */
export const interruptedRecord = sampleRecord({
  exitCode: 130,
  stages: [
    sampleStage({ id: 'lint', title: 'Lint', status: 'internal-error', durationMs: 5, because: 'TypeError: undefined is not a function' }),
    sampleStage({ id: 'tests', title: 'Tests', status: 'cancelled' }),
  ],
  verdict: { decision: 'undecided', reasons: [{ kind: 'not-decided', text: 'the run was interrupted' }] },
})

/** Every result that a release can have, on an allowed verdict. */
export const releasedRecords = (['promoted', 'unchanged', 'shown', 'kept-stable', 'removed', 'rollback-failed'] as const).map((result) =>
  sampleRecord({
    subjects: releasedSubjects,
    exitCode: result === 'rollback-failed' ? 4 : Number(result === 'kept-stable' || result === 'removed'),
    release: {
      service: 'todo',
      target: 'local',
      result,
      ...(result !== 'removed' && { stable: 'todo-00001' }),
      ...(result !== 'unchanged' && { candidate: 'todo-00002' }),
      steps: [{ atMs: 10, text: result }],
      ...(result === 'kept-stable' && { canary: sampleCanary }),
    },
  }),
)

/** Findings that are awkward to show: no file, no lines, tabs and wide characters, a minified line, several lines. */
export const awkwardFindings = sampleFindings(
  { rule: 'probe/hsts', message: 'The header strict-transport-security is missing', severity: 'medium', confidence: 'medium', fix: 'Send it from every response over HTTPS.' },
  { rule: 'tests/coverage', message: '71 % of lines are covered, 80 % are asked for', severity: 'low', location: { path: 'app' } },
  {
    rule: 'lint/eqeqeq',
    message: 'Expected === and saw ==',
    location: { path: 'app/src/日本.ts', startLine: 100, startColumn: 11, endColumn: 13, endLine: 100 },
    related: [{ path: 'app/src/日本.ts', startLine: 99 }],
    snippet: "\tif ('日本' == name) return",
  },
  {
    rule: 'lint/no-eval',
    message: 'eval can run anything',
    location: { path: 'app/public/bundle.js', startLine: 1, startColumn: 3001, endLine: 1, endColumn: 3005 },
    snippet: `${'a=1;'.repeat(750)}eval(b);${'c=2;'.repeat(750)}`,
  },
  { rule: 'lint/complexity', message: 'The function has 14 branches', location: { path: 'app/src/server.ts', startLine: 9, startColumn: 3, endLine: 10, endColumn: 6 }, snippet: '  switch (kind) {\n    case 1:' },
)

const stepsThrough = (...steps: readonly (readonly [path: string, line: number, code: string])[]) => steps.map(([path, startLine, code]) => ({ location: { path, startLine, startColumn: 3, endLine: startLine, endColumn: 3 + code.length }, code }))

/** One finding with the way of the data through three files. */
const flowFindings = sampleFindings({
  rule: 'sast/sql-injection',
  message: 'Untrusted input of a request `request.query.customer` reaches an SQL query: `prepare`',
  location: { path: 'store.ts', startLine: 6, startColumn: 3, endLine: 6, endColumn: 24 },
  snippet: '  database.prepare(text)',
  flow: stepsThrough(['server.ts', 5, 'request.query.customer'], ['service.ts', 3, 'customer.trim()'], ['store.ts', 5, 'customer: string'], ['store.ts', 6, 'database.prepare(text)']),
})
export const flowRecord = sampleRecord({ stages: [sampleStage({ id: 'sast', title: 'Static analysis', outcome: { kind: 'completed', findings: flowFindings } })] })

/** One of every member of every union in the record, among them all. */
export const sampleRecords = [
  flowRecord,
  sampleRecord(),
  refusedRecord,
  acceptedRecord,
  clearedRecord,
  adoptedRecord,
  provisionalRecord,
  undecidedRecord,
  interruptedRecord,
  ...releasedRecords,
  sampleRecord({ stages: [sampleStage({ id: 'lint', title: 'Lint', outcome: { kind: 'completed', findings: awkwardFindings } })] }),
]
