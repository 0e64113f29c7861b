import { beforeEach, expect, test } from 'vitest'
import type { CheckContext, CheckOutcome } from '../check.ts'
import type { SastOptions } from './index.ts'
import { run } from './run.ts'

let files: Record<string, string> = {}
let judged: string[][] = []
let remembered = new Map<string, string>()

beforeEach(() => {
  remembered = new Map()
  files = {
    'a/package.json': '{"name":"a"}',
    'a/index.js': `require('express')().get('/', (req) => require('child_process').exec(req.query.at))`,
    'b/package.json': '{"name":"b"}',
    'b/index.js': `exports.run = (at) => require('child_process').exec('ls ' + at)`,
  }
})

const options: SastOptions = { exclude: [], tests: false, generated: false, libraryMode: 'auto' }

/** Judges the files as they are now. What is not asked of the context here is not there. */
async function judge(): Promise<string[]> {
  judged = []
  const context = {
    options,
    signal: new AbortController().signal,
    files: { paths: Object.keys(files).toSorted(), has: (path: string) => path in files, isLink: () => false, size: (path: string) => files[path]!.length, text: async (path: string) => files[path]! },
    remember: (paths: readonly string[], _: string, make: (paths: readonly string[]) => AsyncIterable<readonly [string, string]>) => make(paths),
    rememberTogether: async (paths: readonly string[], key: string, make: () => Promise<string>) => {
      const entry = JSON.stringify([key, paths.map((path) => [path, files[path]])])
      if (!remembered.has(entry)) {
        judged.push([...paths])
        remembered.set(entry, await make())
      }
      return remembered.get(entry)!
    },
  } as unknown as CheckContext<SastOptions>
  const outcome: CheckOutcome = await run(context)
  return outcome.kind === 'completed' ? outcome.findings.map(({ rule, location, confidence }) => `${rule.replace('sast/', '')} ${location!.path} ${confidence ?? ''}`.trim()) : [outcome.kind]
}

test('only the package that was changed is judged again, and the findings of all are told', async () => {
  const both = ['command-injection a/index.js', 'command-injection b/index.js low']
  expect(await judge()).toEqual(both)
  expect(judged).toEqual([['a/index.js'], ['b/index.js']])
  expect(await judge()).toEqual(both)
  expect(judged).toEqual([])
  files['b/index.js'] = `exports.run = () => require('child_process').exec('ls')`
  expect(await judge()).toEqual(['command-injection a/index.js'])
  expect(judged).toEqual([['b/index.js']])
})

test('a package is judged again when a manifest says otherwise who may call it', async () => {
  await judge()
  files['b/package.json'] = '{"name":"b","private":true}'
  expect(await judge()).toEqual(['command-injection a/index.js', 'shell-command b/index.js'])
  expect(judged).toEqual([['b/index.js']])
})

test('packages that come to import one another are judged together', async () => {
  await judge()
  files['a/index.js'] = `require('express')().get('/', (req) => require('b').run(req.query.at))`
  expect(await judge()).toEqual(['command-injection b/index.js'])
  expect(judged).toEqual([['a/index.js', 'b/index.js']])
})
