import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ScratchRepository, type CommandEnd } from '../packages/shiplock/src/testing/scratch-repository.ts'

let repository: ScratchRepository
let first: CommandEnd

beforeAll(async () => {
  repository = await ScratchRepository.create()
  first = await repository.run()
})
afterAll(() => repository.dispose())

test('a run takes the tree to a serving revision', async () => {
  expect(first.stderr).toContain(`http://127.0.0.1:${repository.port}`)
  expect(first.exitCode).toBe(0)
  expect(await repository.page()).toBe('version 1')
  expect(repository.record).toMatchObject({ exitCode: 0, verdict: { decision: 'provisional' }, release: { result: 'promoted', service: 'small' } })
})

test('the last lines say the URL, the image digest, the verdict and where the report is', () => {
  const image = repository.record.subjects.find(({ kind }) => kind === 'image')
  const last = first.stderr.trimEnd().split('\n').slice(-4).map((line) => line.trim())
  expect(last).toEqual([
    `URL      http://127.0.0.1:${repository.port}`,
    `Image    ${image?.digest}`,
    'Verdict  provisional',
    'Report   .shiplock/report/report.html',
  ])
  expect(existsSync(join(repository.root, '.shiplock/report/report.html'))).toBe(true)
})

test('what the verdict cannot promise yet is said in plain words', () => {
  expect(first.stderr).toContain('not matched against known vulnerabilities')
  expect(first.stderr).toContain('the image holds libraries of this machine')
})

/** What judges is never replayed: it depends on the day. Nor is a check that lacked the data for it. */
const judging = new Set(['policy', 'vulnerabilities', 'attest', 'admit'])

test('an unchanged tree: every tree and image stage is replayed and nothing is deployed', async () => {
  const again = await repository.run()
  expect(again.exitCode).toBe(0)
  const { stages, release } = repository.record
  expect(stages.filter(({ id, subject, replayed }) => subject !== 'revision' && !judging.has(id) && !replayed).map(({ id }) => id)).toEqual([])
  expect(release).toMatchObject({ result: 'unchanged' })
})

test('an edit of the service runs what reads it again and brings a new revision; the old one is kept', async () => {
  const { digest } = repository.record.subjects.find(({ kind }) => kind === 'image')!
  repository.edit('src/server.mjs', (source) => source.replace('version 1', 'version 2'))
  expect((await repository.run()).exitCode).toBe(0)
  expect(await repository.page()).toBe('version 2')
  expect(repository.record.subjects.find(({ kind }) => kind === 'image')?.digest).not.toBe(digest)
})

/** Any file may hold a secret, any name be a key's, and any JSON configure a linter. */
const readsAll = new Set(['lint', 'repository', 'secrets'])

test('an edit that no stage reads runs nothing again', async () => {
  repository.write('.shiplock-notes', 'x')
  repository.write('notes/readme.txt', 'x')
  repository.write('shiplock.config.ts', `export default { checks: { tests: { reads: ['src/**', 'test/**', 'package.json'] } }, image: { reads: ['src/**', 'package.json'] } }\n`)
  await repository.run()
  repository.write('notes/readme.txt', 'y')
  await repository.run()
  expect(repository.record.stages.filter(({ subject, replayed, id }) => subject === 'tree' && !readsAll.has(id) && !judging.has(id) && !replayed).map(({ id }) => id)).toEqual([])
})

test('the same tree gives the same image, without the cache and after the state was thrown away', async () => {
  const { digest } = repository.record.subjects.find(({ kind }) => kind === 'image')!
  await repository.run(['--no-cache'])
  expect(repository.record.subjects.find(({ kind }) => kind === 'image')?.digest).toBe(digest)
})

test('down ends the local target, and up brings the service back as it was', async () => {
  expect(await repository.shiplock(['down'])).toMatchObject({ exitCode: 0, stdout: 'The local target is down.\n' })
  expect(await repository.page()).toBeUndefined()
  expect(await repository.shiplock(['up', '--port', String(repository.port)])).toMatchObject({ exitCode: 0 })
  await expect.poll(() => repository.page(), { timeout: 20_000 }).toBe('version 2')
  expect((await repository.shiplock(['status'])).stdout).toMatch(/100% {2}small-/)
})

test('standard output holds the findings alone, so that a pipe gets what it asked for', async () => {
  const { stdout } = await repository.run(['--format', 'json'])
  expect(JSON.parse(stdout)).toMatchObject({ schema: 'https://shiplock.dev/schemas/run-1.json', verdict: { decision: 'provisional' } })
})
