import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { examineFile } from './examine.ts'
import { readExpression } from './expressions.ts'

const options = { firstParty: ['actions', 'github'] }
const examine = (text: string) => examineFile('.github/workflows/test.yml', text, options)
const rulesOf = async (text: string) => (await examine(text)).map(({ rule }) => rule.slice('workflows/'.length))
const indented = (text: string, by: number) => text.split('\n').map((line) => (line === '' ? '' : ' '.repeat(by) + line)).join('\n')

/** A workflow of one job with these steps, in which nothing else is wrong. */
const workflow = (steps: string, { on = 'issues', env = '', job = '' } = {}) =>
  `on: ${on}\npermissions: {}\n${env}jobs:\n  test:\n    runs-on: ubuntu-24.04\n    timeout-minutes: 5\n${indented(job, 4)}    steps:\n${indented(steps, 6)}`

describe("a stranger's text is found however it is brought into a script", () => {
  const title = '${{ github.event.issue.title }}'
  const cases: Readonly<Record<string, string>> = {
    'a part that is only known at run time': workflow('- run: echo ${{ github.event[env.KIND].title }}\n'),
    'the part named at run time': workflow('- run: echo ${{ github.event.issue[env.PART] }}\n'),
    'any part with a title': workflow("- run: echo ${{ join(github.event.*.title) }}\n"),
    'all parts of an issue': workflow("- run: echo ${{ join(github.event.issue.*) }}\n"),
    'the whole environment': workflow('- run: echo ${{ toJSON(env) }}\n', { env: `env:\n  TITLE: ${title}\n` }),
    'a variable of a variable': workflow(`- run: echo \${{ env.OTHER }}\n  env: { OTHER: "\${{ env.TITLE }}" }\n`, { env: `env:\n  TITLE: ${title}\n` }),
    'a variable of an output': workflow(`- id: read\n  env: { T: "${title}" }\n  run: echo "title=$T" >> "$GITHUB_OUTPUT"\n- run: echo \${{ env.T }}\n  env: { T: "\${{ steps.read.outputs.title }}" }\n`),
    'an output in a group of commands': workflow(`- id: read\n  env: { T: "${title}" }\n  run: |\n    { echo "title=$T" >> "$GITHUB_OUTPUT"; }\n- run: echo \${{ steps.read.outputs.title }}\n`),
    'an output through tee': workflow(`- id: read\n  env: { T: "${title}" }\n  run: |\n    echo "title=$T" | tee -a "$GITHUB_OUTPUT"\n- run: echo \${{ steps.read.outputs.title }}\n`),
    'a variable that an earlier step has set': workflow(`- env: { T: "${title}" }\n  run: echo "TITLE=$T" >> $GITHUB_ENV\n- run: make\n- run: echo \${{ env.TITLE }}\n`),
    'an output of github-script': workflow("- id: read\n  uses: actions/github-script@ed597411d8f924073f98dfc5c65a23a2325f34cd\n  with:\n    script: |\n      core.setOutput('title', context.payload.issue.title)\n- run: echo ${{ steps.read.outputs.title }}\n"),
    'the result of github-script': workflow("- id: read\n  uses: actions/github-script@ed597411d8f924073f98dfc5c65a23a2325f34cd\n  with:\n    script: return context.payload.issue.body\n- run: echo ${{ steps.read.outputs.result }}\n"),
    'the matrix': workflow('- run: echo ${{ matrix.title }}\n', { job: `strategy:\n  matrix:\n    Title: ["${title}"]\n` }),
    'the matrix by include': workflow('- run: echo ${{ matrix.title }}\n', { job: `strategy:\n  matrix:\n    include:\n      - title: "${title}"\n` }),
    'the output of a job': workflow('- run: echo ${{ needs.read.outputs.title }}\n', { job: 'needs: read\n' }).replace('jobs:\n', `jobs:\n  read:\n    runs-on: ubuntu-24.04\n    timeout-minutes: 5\n    outputs: { title: "${title}" }\n    steps: [{ run: make }]\n`),
  }
  test.for(Object.entries(cases))('%s', async ([, text]) => {
    expect(await rulesOf(text)).toEqual(['template-injection'])
  })

  test.for([
    ['numbers of all commits', 'echo ${{ join(github.event.commits.*.id) }}'],
    ['a number by an index', "echo ${{ github.event['issue']['number'] }}"],
    ['another variable', 'echo ${{ env.OTHER }}'],
    ['the matrix of something else', 'echo ${{ matrix.os }}'],
  ] as const)('but not %s', async ([, run]) => {
    expect(await rulesOf(workflow(`- run: ${run}\n`, { job: `strategy:\n  matrix:\n    title: ["${title}"]\n    os: [ubuntu]\n` }))).toEqual([])
  })

  test('a step of its own value is no longer the one that was set before', async () => {
    expect(await rulesOf(workflow(`- env: { T: "${title}" }\n  run: echo "TITLE=$T" >> $GITHUB_ENV\n- run: echo \${{ env.TITLE }}\n  env: { TITLE: fixed }\n`))).toEqual([])
  })

  test('handing on in a chain of thousands of steps is followed without filling the stack', { timeout: 20_000 }, async () => {
    const first = `- id: s0\n  env: { T: "${title}" }\n  run: echo "t=$T" >> $GITHUB_OUTPUT\n`
    const chain = Array.from({ length: 1500 }, (_, index) => `- id: s${index + 1}\n  env: { T: "\${{ steps.s${index}.outputs.t }}" }\n  run: echo "t=$T" >> $GITHUB_OUTPUT\n`).join('')
    expect(await rulesOf(workflow(`${first}${chain}- run: echo \${{ steps.s1500.outputs.t }}\n`))).toContain('template-injection')
  })
})

describe('the head of a pull request is found however it is checked out', () => {
  const head = '${{ github.event.pull_request.head.sha }}'
  const cases: Readonly<Record<string, string>> = {
    'by a variable': workflow('- uses: actions/checkout@93cb6efe18208431cddfb8368fd83d5badbf9bfd\n  with: { ref: "${{ env.REF }}", persist-credentials: false }\n', { on: 'pull_request_target', env: `env:\n  REF: ${head}\n` }),
    'by git and an expression': workflow(`- run: git checkout ${head}\n`, { on: 'pull_request_target' }),
    'by git and a variable': workflow(`- run: git -c a=b fetch origin && git checkout "$REF"\n  env: { REF: "${head}" }\n`, { on: 'pull_request_target' }),
    'by a clone of the fork': workflow('- run: git clone "$FORK" .\n  env: { FORK: "${{ github.event.pull_request.head.repo.clone_url }}" }\n', { on: 'pull_request_target' }),
    'by what an action tells': workflow('- uses: xt0rted/pull-request-comment-branch@e8b8daa837e8ea7331c0003c9c316a64c6d8b0b1\n  id: comment\n- uses: actions/checkout@93cb6efe18208431cddfb8368fd83d5badbf9bfd\n  with: { ref: "${{ steps.comment.outputs.head_sha }}", persist-credentials: false }\n', { on: 'issue_comment' }),
    'by what a step asks for': workflow('- id: pr\n  run: echo "sha=$(gh pr view 1 --json headRefOid -q .headRefOid)" >> $GITHUB_OUTPUT\n- uses: actions/checkout@93cb6efe18208431cddfb8368fd83d5badbf9bfd\n  with: { ref: "${{ steps.pr.outputs.sha }}", persist-credentials: false }\n', { on: 'issue_comment' }),
    'within a condition of the shell': workflow('- run: if true; then gh pr checkout 1; fi\n', { on: 'issue_comment' }),
  }
  test.for(Object.entries(cases))('%s', async ([, text]) => {
    expect((await examine(text)).map(({ rule, severity }) => `${rule} ${severity ?? ''}`)).toEqual(['workflows/untrusted-checkout '])
  })

  test('the branch that it is to enter is none', async () => {
    expect(await rulesOf(workflow('- run: git checkout "${{ github.event.pull_request.base.sha }}"\n', { on: 'pull_request_target' }))).toEqual([])
  })
})

describe('whether a condition keeps strangers out', () => {
  const head = 'github.event.pull_request.head.repo'
  test.for([
    [`${head}.full_name == github.repository`, 'pull_request_target', false],
    [`github.repository == ${head}.full_name && always()`, 'pull_request_target', false],
    [`${head}.full_name != github.repository`, 'pull_request_target', true],
    [`!${head}.fork`, 'pull_request_target', false],
    [`${head}.fork == false`, 'pull_request', false],
    [`${head}.fork`, 'pull_request', true],
    [`github.event_name == 'workflow_dispatch' || ${head}.full_name == github.repository`, 'pull_request_target', false],
    [`github.event_name != 'pull_request' || ${head}.full_name == github.repository`, 'pull_request', false],
    [`github.event_name != 'pull_request' || ${head}.full_name == github.repository`, 'pull_request_target', true],
    ["github.actor != 'dependabot[bot]'", 'pull_request_target', true],
    ["github.actor == 'octocat'", 'pull_request_target', false],
    ["github.actor == 'octocat' || true", 'pull_request_target', true],
    ["github.actor == 'octocat' || github.event.action == 'opened'", 'pull_request_target', undefined],
    [`contains(fromJSON('["OWNER", "MEMBER"]'), github.event.comment.author_association)`, 'issue_comment', false],
    [`contains(fromJSON('["OWNER", "CONTRIBUTOR"]'), github.event.comment.author_association)`, 'issue_comment', undefined],
    ["contains('OWNER MEMBER', github.event.comment.author_association)", 'issue_comment', false],
    ["github.event.comment.author_association == 'MEMBER'", 'issue_comment', false],
    ["github.event.comment.author_association == 'CONTRIBUTOR'", 'issue_comment', undefined],
    ["github.event.comment.author_association != 'NONE'", 'issue_comment', undefined],
    ["contains(github.event.pull_request.labels.*.name, 'safe')", 'pull_request_target', false],
    ["contains(github.event.comment.body, '/test')", 'issue_comment', undefined],
    ["needs.check.outputs.permission == 'write'", 'issue_comment', false],
    ["needs.check.outputs.permission != 'none'", 'issue_comment', false],
    ["github.ref == 'refs/heads/main'", 'pull_request', false],
    ["github.ref == 'refs/heads/main'", 'pull_request_target', undefined],
    ["startsWith(github.ref, 'refs/tags/')", 'pull_request', false],
    ['github.event.pull_request.merged == true', 'pull_request_target', false],
    ["github.event.workflow_run.event == 'push'", 'workflow_run', false],
    ["github.event.workflow_run.event == 'pull_request'", 'workflow_run', undefined],
    ["github.event.workflow_run.head_branch == 'main'", 'workflow_run', undefined],
    ['false', 'issues', false],
    ['', 'issues', undefined],
  ] as const)('%s under %s: %s', ([source, event, admits]) => {
    expect(readExpression(source).admits(event)).toBe(admits)
  })

  test('what denies a condition is no guard, whatever it is made of', () => {
    const leaf = fc.constantFrom(`${head}.fork`, "github.actor == 'octocat'", 'always()', "github.event.action == 'opened'", 'false', 'inputs.go')
    const { tree } = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, leaf, fc.tuple(tie('tree'), fc.constantFrom('&&', '||'), tie('tree')).map(([a, operator, b]) => `(${a} ${operator} ${b})`)),
    }))
    fc.assert(
      fc.property(tree, (source) => {
        const admits = readExpression(source).admits('pull_request_target')
        expect(readExpression(`!(${source})`).admits('pull_request_target')).toBe(admits === undefined ? undefined : !admits)
        expect(readExpression(`(${source}) || true`).admits('pull_request_target')).toBe(true)
        expect(readExpression(`(${source}) && false`).admits('pull_request_target')).toBe(false)
      }),
    )
  })

  const checkout = '- run: gh pr checkout 1\n'
  const severity = async (text: string) => (await examine(text)).find(({ rule }) => rule === 'workflows/untrusted-checkout')?.severity
  test('a checkout behind it is told of all the same, as a lesser one', async () => {
    expect(await severity(workflow(checkout, { on: 'pull_request_target', job: `if: "!${head}.fork"\n` }))).toBe('low')
    expect(await severity(workflow(`- run: gh pr checkout 1\n  if: "!${head}.fork"\n`, { on: 'pull_request_target' }))).toBe('low')
    expect(await severity(workflow(checkout, { on: 'pull_request_target', job: "if: github.actor != 'dependabot[bot]'\n" }))).toBe(undefined)
    expect(await severity(workflow(checkout, { on: '[pull_request_target, issue_comment]', job: `if: ${head}.full_name == github.repository || github.event_name == 'issue_comment'\n` }))).toBe(undefined)
  })

  test('a step before it that refuses strangers is a guard, one that only looks is none', async () => {
    const asks = 'gh api "repos/a/b/collaborators/$ACTOR/permission" --jq .permission | grep -q write'
    expect(await severity(workflow(`- run: |\n    ${asks} || exit 1\n${checkout}`, { on: 'issue_comment' }))).toBe('low')
    expect(await severity(workflow(`- run: ${asks}\n${checkout}`, { on: 'issue_comment' }))).toBe(undefined)
    expect(await severity(workflow(`- run: |\n    ${asks} || exit 1\n  continue-on-error: true\n${checkout}`, { on: 'issue_comment' }))).toBe(undefined)
    expect(await severity(workflow(`${checkout}- run: |\n    ${asks} || exit 1\n`, { on: 'issue_comment' }))).toBe(undefined)
    expect(await severity(workflow(`- if: ${head}.fork\n  run: exit 1\n${checkout}`, { on: 'pull_request_target' }))).toBe('low')
  })
})

test.for([
  ['members', 'a'.concat('.b'.repeat(10_000))],
  ['members beyond the limit', 'github'.concat('.b'.repeat(100_000))],
  ['negations', `${'!'.repeat(15_000)}a`],
  ['indexes', `github${'[github'.repeat(1000)}${']'.repeat(1000)}`],
  ['comparisons', `a${' == a'.repeat(4000)}`],
  ['calls', `${'format('.repeat(2500)}${')'.repeat(2500)}`],
] as const)('an expression of many %s costs no more than a moment', { timeout: 10_000 }, async ([, source]) => {
  await examine(workflow(`- run: echo "\${{ ${source} }}"\n  if: ${source}\n`))
})

test('an expression in the place of a mapping is as GitHub takes it', async () => {
  expect(await rulesOf(workflow('- run: make\n  env: ${{ fromJSON(vars.SETTINGS) }}\n'))).toEqual([])
})

describe('an artifact of a pull request', () => {
  const download = '- uses: actions/download-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02\n'
  const inPlace = async (steps: string, on = 'workflow_run') => (await rulesOf(workflow(steps, { on }))).includes('artifact-poisoning')
  test('runs where it was unpacked over the workspace', async () => {
    for (const run of ['npm run report', 'make', './report.sh', 'cd a && node report.js', 'docker build .']) expect(await inPlace(`${download}- run: ${run}\n`)).toBe(true)
    expect(await inPlace(`${download}- uses: ./report\n`)).toBe(true)
    expect(await inPlace('- run: gh run download 1 -n report && unzip report.zip\n- run: make\n')).toBe(true)
  })

  test('does not run where it lies apart, where nothing of the workspace runs, before it came or after a push', async () => {
    expect(await inPlace(`${download}  with: { path: apart }\n- run: make\n`)).toBe(false)
    expect(await inPlace(`${download}- run: gh pr comment --body-file text.md\n`)).toBe(false)
    expect(await inPlace(`- run: make\n${download}`)).toBe(false)
    expect(await inPlace(`${download}- run: make\n`, 'push')).toBe(false)
  })
})

test('a token of an app is limited by permissions, by repositories and by its job', async () => {
  const token = async (inputs: string) => (await examine(workflow(`- uses: actions/create-github-app-token@d72941d797fd3113feb6b93fd0dec494b13a2547\n  with: { ${inputs} }\n`))).map(({ rule, severity }) => `${rule.slice('workflows/'.length)} ${severity ?? 'medium'}`)
  expect(await token('app-id: 1')).toEqual(['app-token-scope medium'])
  expect(await token('app-id: 1, permission-contents: read')).toEqual([])
  expect(await token('app-id: 1, permission-contents: read, owner: a')).toEqual(['app-token-scope low'])
  expect(await token('app-id: 1, permission-contents: read, owner: a, repositories: b')).toEqual([])
  expect(await token('app-id: 1, permission-contents: read, skip-token-revoke: true')).toEqual(['app-token-scope low'])
})

test.for([
  ['actions/cache/save/../restore', true], ['actions/cache/./restore', true], ['actions/cache//restore', true], ['./a/../b', true], ['actions/cache/restore', false], ['./.github/actions/a', false], ['./', false],
] as const)('%s is a detour: %s', async ([name, isDetour]) => {
  expect((await rulesOf(workflow(`- uses: ${name}${name.startsWith('./') ? '' : '@9255dc7a253b0ccc959486e2bca901246202afeb'}\n`))).includes('obfuscated-reference')).toBe(isDetour)
})
