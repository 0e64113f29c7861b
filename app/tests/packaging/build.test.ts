import { execFile } from 'node:child_process'
import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { build } from '../../src/testing/build.ts'
import { temporaryFolder } from '../../src/testing/test-app.ts'
import { startProcess } from '../../src/testing/test-process.ts'

const repository = join(import.meta.dirname, '../../..')

async function buildForTest(): Promise<string> {
  const folder = await build()
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** As `npm run build` does it: another process, at another time. */
async function buildByCommand(): Promise<string> {
  const folder = temporaryFolder()
  const rolldown = fileURLToPath(new URL('../bin/cli.mjs', import.meta.resolve('rolldown')))
  const options = ['--config', 'rolldown.config.ts', '--dir', folder]
  await promisify(execFile)(process.execPath, [rolldown, ...options], { cwd: join(repository, 'app') })
  return folder
}

const contentsOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'latin1')]),
  )

test('two builds give the same bytes, which name no folder of the machine, and run on Node alone', async () => {
  const folder = await buildForTest()
  const contents = contentsOf(folder)
  expect(contentsOf(await buildByCommand())).toEqual(contents)
  const names = Object.keys(contents).toSorted()
  expect(names.filter((name) => !name.endsWith('.mjs'))).toEqual(['icon.svg', 'robots.txt', 'style.css', 'todo.js'])
  expect(names).toContain('server.mjs')
  expect(names.filter((name) => contents[name]?.includes(repository))).toEqual([])

  // From a folder with no node_modules above it; any import but Node's own would fail.
  const service = startProcess(join(folder, 'server.mjs'))
  const { port } = await service.line('App started successfully')
  const page = await fetch(`http://127.0.0.1:${port}/`)
  expect(page.status).toBe(200)
  const stylesheet = /href="(\/assets\/[^"]+\.css)"/.exec(await page.text())?.[1] ?? ''
  expect((await fetch(`http://127.0.0.1:${port}${stylesheet}`)).status).toBe(200)
})
