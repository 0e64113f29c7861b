import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { refusedRecord } from '../report/sample-records.test-data.ts'
import { writeReports } from './output.ts'

let directory: string
let root: string
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'output-')))
  root = join(directory, 'tree')
  mkdirSync(root)
  mkdirSync(join(directory, 'elsewhere'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('reports are not written through a link of the repository, wherever on the way it is', async () => {
  symlinkSync(join(directory, 'elsewhere'), join(root, 'out'))
  symlinkSync(root, join(directory, 'alias'))
  for (const path of ['out', 'out/deep/er']) {
    await expect(writeReports(refusedRecord, join(root, path), root)).rejects.toMatchObject({ exitCode: 2, failure: { message: expect.stringContaining('is a link of the repository') } })
    await expect(writeReports(refusedRecord, join(directory, 'alias', path), root)).rejects.toMatchObject({ exitCode: 2 })
  }
  expect(readdirSync(join(directory, 'elsewhere'))).toEqual([])
})

test('a link that is not of the repository is the user’s own', async () => {
  symlinkSync(join(directory, 'elsewhere'), join(directory, 'mine'))
  await writeReports(refusedRecord, join(directory, 'mine/report'), root)
  await writeReports(refusedRecord, join(root, 'report'), root)
  expect([join(directory, 'elsewhere/report/run.json'), join(root, 'report/run.json')].map((path) => existsSync(path))).toEqual([true, true])
})
