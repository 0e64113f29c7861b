import { writeFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { applyEdits } from '@shiplock/findings'
import type { Check } from '../checks/check.ts'
import dockerfile from '../checks/dockerfile/index.ts'
import repository from '../checks/repository/index.ts'
import workflows from '../checks/workflows/index.ts'
import { createCheckRig } from '../testing/check-fixtures.ts'

/** What the edits of one rule make of a file, and how often the rule finds something before and after. */
async function mended(check: Check, rule: string, path: string, text: string, others: Readonly<Record<string, string>> = {}) {
  await using rig = await createCheckRig(undefined, { packages: false })
  const write = (files: Readonly<Record<string, string>>) => {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(rig.root, name)), { recursive: true })
      writeFileSync(join(rig.root, name), content)
    }
  }
  const find = async () => {
    const { outcome } = await rig.run(check)
    return outcome.kind === 'completed' ? outcome.findings.filter((finding) => finding.rule === rule) : []
  }
  write({ ...others, [path]: text })
  const before = await find()
  const result = applyEdits(text, before.flatMap(({ edits = [] }) => edits).filter((edit) => edit.path === path)).text
  write({ [path]: result })
  return { text: result, found: [before.length, (await find()).length] }
}

const job = (steps: string) => `on: push\npermissions: { contents: write }\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n${steps}      - run: npm ci\n`
const credentials = (steps: string) => mended(workflows, 'workflows/persisted-credentials', '.github/workflows/a.yml', job(steps))

test.each([
  ['without `with`', '      - uses: actions/checkout@v5\n', '      - uses: actions/checkout@v5\n        with:\n          persist-credentials: false\n'],
  ['behind a comment', '      -   uses: actions/checkout@v5 # v5\n', '      -   uses: actions/checkout@v5 # v5\n          with:\n            persist-credentials: false\n'],
  ['with other settings', '      - name: x\n        uses: actions/checkout@v5\n        with:\n            ref: main\n', '      - name: x\n        uses: actions/checkout@v5\n        with:\n            persist-credentials: false\n            ref: main\n'],
  ['with the wrong one', '      - uses: actions/checkout@v5\n        with:\n          persist-credentials: true\n', '      - uses: actions/checkout@v5\n        with:\n          persist-credentials: false\n'],
])('a checkout %s is given no credentials to keep', async (_, steps, expected) => {
  expect(await credentials(steps)).toEqual({ text: job(expected), found: [1, 0] })
})

test('a job that pushes keeps its credentials', async () => {
  const steps = '      - uses: actions/checkout@v5\n      - uses: actions/upload-artifact@v4\n        with:\n          path: .\n'
  expect((await credentials(steps)).text).not.toBe(job(steps))
  const pushing = `${steps}      - run: git push\n`
  expect(await credentials(pushing)).toEqual({ text: job(pushing), found: [1, 1] })
})

test.each([
  ['it is written on one line', '      - { uses: actions/checkout@v5 }\n'],
  ['its settings are', '      - uses: actions/checkout@v5\n        with: { ref: main }\n'],
  ['an expression decides', "      - uses: actions/checkout@v5\n        with:\n          persist-credentials: ${{ inputs.keep }}\n"],
])('a checkout is left to a person where %s', async (_, steps) => {
  expect(await credentials(steps)).toEqual({ text: job(steps), found: [1, 1] })
})

const recommends = (text: string) => mended(dockerfile, 'dockerfile/apt-recommends', 'Dockerfile', text)

test('apt-get is told to install no more than it is asked for, wherever the word stands', async () => {
  expect((await recommends('FROM debian:12\r\nRUN apt-get update && \\\r\n    apt-get -y install \\\r\n      curl \\\r\n # why\r\n      git\r\n')).text).toContain('apt-get -y install --no-install-recommends \\\r\n      curl')
  expect((await recommends('FROM debian:12\nRUN sudo apt-get install -y curl\n')).found).toEqual([1, 0])
})

test.each([
  ['a shell of its own', `RUN bash -c 'apt-get install -y curl'`],
  ['the exec form', 'RUN ["apt-get", "install", "-y", "curl"]'],
  ['the word is there twice', 'RUN apt-get install -y install curl'],
])('apt-get is left to a person in %s', async (_, line) => {
  const text = `FROM debian:12\n${line}\n`
  expect((await recommends(text)).text).toBe(text)
})

test('what is missing in an ignore file is put at its end, and none is made', async () => {
  const ignore = (text: string) => mended(repository, 'repository/dockerignore-gap', '.dockerignore', text, { Dockerfile: 'FROM node:24\nCOPY . .\n' })
  expect(await ignore('dist/\r\n')).toEqual({ text: 'dist/\r\n.git\r\n**/.env\r\n**/node_modules\r\n', found: [1, 0] })
  expect(await ignore('.git')).toEqual({ text: '.git\n**/.env\n**/node_modules', found: [1, 0] })
})
