import fc from 'fast-check'
import { expect, test } from 'vitest'
import { globMatcher } from '../path-globs.ts'
import { examineFile } from './examine.ts'
import workflows from './index.ts'

const options = { firstParty: ['actions', 'github'] }
const examine = (text: string) => examineFile('.github/workflows/test.yml', text, options)
const rulesOf = async (text: string) => (await examine(text)).map(({ rule }) => rule.slice('workflows/'.length))

/** A workflow of one job with these steps, in which nothing else is wrong. */
const workflow = (steps: string, on = 'issues') => `on: ${on}\npermissions: {}\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    timeout-minutes: 5\n    steps:\n${steps}`

test('whatever the bytes are, there is an answer, and it lies within the file', async () => {
  const pieces = fc.constantFrom('on: ', 'jobs:', '\n', '  ', '- ', 'run: ', 'uses: ', '${{ ', ' }}', 'github.event.issue.title', '&a ', '*a', '<<: ', '[', '{', '}', ']', '|', '>', '"', "'", '#', '? ', ': ', '\r\n', '\t', '---', '!!binary ', 'secrets', '0x1', '~', '\uFFFD', '\u2028', 'steps:', 'if: ', 'x', ',')
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join(''))), async (text) => {
      const lines = text.split('\n')
      for (const body of [text, workflow(`      - run: ${text}\n`), workflow(text)])
        for (const { location } of await examine(body)) {
          expect(location?.startLine ?? 1).toBeGreaterThan(0)
          expect(location?.startColumn ?? 1).toBeGreaterThan(0)
          expect(location?.endColumn ?? 1).toBeGreaterThanOrEqual(location?.startColumn ?? 1)
          expect(location?.startLine ?? 1).toBeLessThanOrEqual(lines.length + body.split('\n').length)
        }
    }),
    { numRuns: 300 },
  )
})

test('a file that no longer parses is a finding, never silence', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 40 }), async (text) => {
      expect(await rulesOf(`${workflow('      - run: make\n')}\n  broken: [${text.replaceAll(/[\]#'"\n]/g, '')}\n`)).toContain('unparsable')
    }),
    { numRuns: 100 },
  )
})

test.for([
  ['nested lists', '['.repeat(200_000), 'deeper'],
  ['nested mappings', '{a: '.repeat(100_000), 'deeper'],
  ['nested block lists', '- '.repeat(100_000), 'deeper'],
  ['too many expressions', workflow(`      - run: ${'${{ 1 }}'.repeat(40_000)}`), 'expressions'],
  ['aliases of aliases', `a: &a [x, x, x, x, x, x, x, x]\n${[...'bcdefghi'].map((name, index) => `${name}: &${name} [${`*${'abcdefghi'[index] ?? ''}, `.repeat(8)}]\n`).join('')}`, 'aliases'],
  ['aliases of themselves', 'on: &on [*on]\n', 'aliases'],
  ['many aliases', `a: &a 1\nb: [${'*a, '.repeat(50_000)}]\n`, 'aliases'],
  ['more aliases than anybody writes', `a: &a 1\nb: [${'*a, '.repeat(300)}]\n`, 'aliases'],
] as const)('%s are refused, of high severity since GitHub may read them', { timeout: 20_000 }, async ([, text, word]) => {
  expect(await examine(text)).toMatchObject([{ rule: 'workflows/unparsable', severity: 'high', message: expect.stringContaining(word) }])
})

test.for([
  ['parentheses', workflow(`      - run: "\${{ ${'('.repeat(100_000)} }}"`)],
  ['operators', workflow(`      - run: "\${{ ${'a || '.repeat(80_000)} a }}"`)],
  ['words that patterns look for', workflow(`      - run: tar ${'c'.repeat(100_000)} ${'git push curl https://a.b '.repeat(5000)}\n      - run: ${'curl '.repeat(50_000)}`)],
] as const)('many %s cost no more than a moment', { timeout: 10_000 }, async ([, text]) => {
  expect((await examine(text)).every(({ rule }) => rule === 'workflows/invalid')).toBe(true)
})

test('a file beyond the size that is looked at says so', async () => {
  expect(await examine(`# ${'x'.repeat(600_000)}`)).toMatchObject([{ rule: 'workflows/unparsable', severity: 'high', message: expect.stringContaining('600002 characters') }])
})

test('of too many findings the worst are kept, and that others are not is one too', async () => {
  const steps = `${'      - uses: shop/a@v1\n'.repeat(600)}      - run: gh pr checkout 1\n`
  const findings = await examine(workflow(steps, 'issue_comment'))
  expect(findings.map(({ rule }) => rule)).toContain('workflows/untrusted-checkout')
  expect(findings.find(({ rule }) => rule === 'workflows/unparsable')).toMatchObject({ severity: 'high', message: '101 more findings in this file are not listed' })
})

test('places are those of the expression, also within a script of many lines, CRLF and quotes', async () => {
  const found = await examine(workflow('      - run: |\n          echo one\n\n          echo 𝒑 ${{ github.event.issue.title }} ${{ github.event.issue.body }}\n').replaceAll('\n', '\r\n'))
  expect(found.map(({ location }) => location)).toMatchObject([
    { startLine: 11, startColumn: 19, endLine: 11, endColumn: 50 },
    { startLine: 11, startColumn: 51 },
  ])
})

test.for([
  ['a title', 'echo ${{ github.event.issue.title }}', true],
  ['in capitals', 'echo ${{ GITHUB.Event.Issue.TITLE }}', true],
  ['by an index', "echo ${{ github['event']['issue']['title'] }}", true],
  ['in a function', "echo ${{ format('{0}', github.event.issue.title) }}", true],
  ['as the default', "echo ${{ inputs.title || github.event.issue.title }}", true],
  ['the whole event', 'echo ${{ toJSON(github.event) }}', true],
  ['messages of all commits', "echo ${{ join(github.event.commits.*.message) }}", true],
  ['compared', "echo ${{ github.event.issue.title == 'x' }}", false],
  ['on the left of &&', "echo ${{ github.event.issue.title && 'yes' }}", false],
  ['looked into', "echo ${{ contains(github.event.issue.title, 'x') }}", false],
  ['hashed', 'echo ${{ hashFiles(github.event.issue.title) }}', false],
  ['a number', 'echo ${{ github.event.issue.number }}', false],
  ['a login, which has no special characters', 'echo ${{ github.event.issue.user.login }}', false],
  ['a commit', 'echo ${{ github.sha }}', false],
  ['in a text of the expression', "echo ${{ 'github.event.issue.title' }}", false],
] as const)('injection: %s', async ([, run, isFound]) => {
  expect((await rulesOf(workflow(`      - run: |\n          ${run}\n`))).includes('template-injection')).toBe(isFound)
})

test("a stranger's text is followed through the output of a step, unless a command has changed it", async () => {
  const steps = (command: string) => `      - id: read\n        env: { BODY: "\${{ github.event.issue.body }}" }\n        run: |\n          ${command}\n      - run: |\n          echo \${{ steps.read.outputs.body }}\n`
  expect(await rulesOf(workflow(steps('echo "body=$BODY" >> "$GITHUB_OUTPUT"')))).toContain('template-injection')
  expect(await rulesOf(workflow(steps('echo "body<<EOF" >> $GITHUB_OUTPUT\n          echo "$BODY" >> $GITHUB_OUTPUT')))).toContain('template-injection')
  expect(await rulesOf(workflow(steps('echo "body=$(echo "$BODY" | tr -cd 0-9)" >> "$GITHUB_OUTPUT"')))).toEqual([])
  expect(await rulesOf(workflow(steps('echo "other=$BODY" >> "$GITHUB_OUTPUT"')))).toEqual([])
})

test('an artifact of a run that a pull request started is its text too', async () => {
  const steps = '      - uses: actions/download-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02\n      - id: read\n        run: |\n          echo "number=$(cat number.txt)" >> "$GITHUB_OUTPUT"\n          cat variables >> "$GITHUB_ENV"\n      - run: |\n          gh pr comment ${{ steps.read.outputs.number }}\n'
  expect(await rulesOf(workflow(steps, 'workflow_run'))).toEqual(expect.arrayContaining(['template-injection', 'environment-injection']))
  expect(await rulesOf(workflow(steps, 'push'))).toEqual([])
})

test.for([
  ['if: always()', false],
  ['if: ${{ always() }}', false],
  ['if: "!cancelled()"', false],
  ['if: |\n          always() &&\n          github.ref', false],
  ['if: >-\n          ${{ always() }}', false],
  ['if: ${{ always() }} && github.ref', true],
  ['if: >\n          ${{ always() }}\n', true],
  ['if: "!${{ always() }}"', true],
] as const)('always true: %s', async ([condition, isFound]) => {
  expect((await rulesOf(workflow(`      - run: make\n        ${condition}\n`))).includes('always-true-condition')).toBe(isFound)
})

test('an alias stands for what it names', async () => {
  expect(await rulesOf(workflow('      - &step\n        run: echo ${{ github.event.issue.title }}\n        shell: bash\n      - *step\n'))).toEqual(['template-injection', 'template-injection'])
})

test('a file of another tool that is called action.yml is left alone', async () => {
  expect(await examineFile('roles/action.yml', 'tasks: [a]\n', options)).toEqual([])
})

const composite = 'runs:\n  using: composite\n  steps:\n    - run: echo ${{ github.event.issue.title }}\n      shell: bash\n'

test.for(['action.yml', 'a/Action.YAML', '.github/workflows/own/action.yml', '.github/workflows/action.yml', '.a/.b/action.yaml'])('an action at %s is looked at as one', async (path) => {
  expect((await examineFile(path, composite, options)).map(({ rule }) => rule)).toContain('workflows/template-injection')
})

test.for(['.github/workflows/a.yml', '.github/workflows/a.YML', '.github/workflows/a.Yaml', 'action.yml', 'a/ACTION.yml', '.a/.b/action.yaml', '.github/actions/a/action.yml', '.github/workflows/a/action.yml'])('%s is chosen', (path) => {
  expect(globMatcher(workflows.reads(workflows.options.parse({})), { isHiddenSeen: true })(path)).toBe(true)
})

test.for(['.github/workflows/a/b.yml', '.github/workflows/a.json', 'workflows/a.yml', '.github/dependabot.yml', 'x/my-action.yml', 'action.yml/a'])('%s is not, since GitHub runs nothing of it', (path) => {
  expect(globMatcher(workflows.reads(workflows.options.parse({})), { isHiddenSeen: true })(path)).toBe(false)
})

test('what stands twice is told, whichever of the two GitHub would take', async () => {
  expect(await examine('on: push\npermissions: {}\nPermissions: write-all\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    timeout-minutes: 5\n    steps:\n      - run: a\n        run: b\n')).toMatchObject([{ rule: 'workflows/invalid', message: "'Permissions' is already defined" }, { rule: 'workflows/invalid', message: "'run' is already defined" }])
  expect(await examineFile('a/action.yml', `${composite}RUNS: {}\n`, options)).toContainEqual(expect.objectContaining({ rule: 'workflows/invalid', message: "'RUNS' is already defined" }))
  expect(await examineFile('a/action.yml', 'Runs: {}\n', options)).toContainEqual(expect.objectContaining({ rule: 'workflows/invalid' }))
})

test('a directive, which changes what the rest means, is refused', async () => {
  expect(await examine(`%YAML 1.1\n---\n${workflow('      - run: make\n')}`)).toMatchObject([{ rule: 'workflows/unparsable', severity: 'high', message: expect.stringContaining('a directive') }])
})
