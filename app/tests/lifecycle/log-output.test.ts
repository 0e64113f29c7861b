import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../../src/testing/test-app.ts'

const module = JSON.stringify(new URL('../../src/observability/log-output.ts', import.meta.url).href)

/** Runs code with `output`, which writes to the standard output of a process of its own. */
const run = (code: string, stdout: 'pipe' | number): ReturnType<typeof spawn> => {
  const source = `import { createLogOutput } from ${module}\nconst output = createLogOutput(process.stdout.fd)\nprocess.on('exit', () => output.flush())\n${code}`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], { stdio: ['ignore', stdout, 'inherit', 'ipc'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

test('nothing is lost at the end of the process, by process.exit or by an error that nobody catches', async () => {
  for (const end of ['process.exit(3)', "process.on('uncaughtException', () => { output.write('last\\n'); process.exit(3) }); setTimeout(() => { throw new Error('x') })"]) {
    const path = join(temporaryFolder(), 'log')
    const child = run(`for (let line = 0; line < 3000; line++) output.write('line ' + line + '\\n')\n${end}`, openSync(path, 'w'))
    expect(await once(child, 'close')).toEqual([3, null])
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n').filter((line) => line !== 'last')
    expect([lines.length, lines.at(-1)]).toEqual([3_000, 'line 2999'])
  }
})

test('a reader that is gone does not end the process', async () => {
  const child = run("const write = setInterval(() => output.write('line\\n'), 5); setTimeout(() => { clearInterval(write); process.exitCode = 7 }, 150)", 'pipe')
  child.stdout?.destroy()
  expect(await once(child, 'close')).toEqual([7, null])
})

test('a reader that takes nothing does not stop the process: it goes on, in bounded memory, and ends; what was left out is counted', async () => {
  const child = run(
    `process.once('message', () => process.disconnect())
    let turns = 0
    const write = setInterval(() => {
      for (let line = 0; line < 2000; line++) output.write('x'.repeat(500) + '\\n')
      turns += 1
      if (turns < 40) return
      clearInterval(write)
      process.send(process.memoryUsage.rss() / 1e6)
    }, 5)`,
    'pipe',
  )
  // Were it stopped, it would never say so.
  const [megabytes] = (await once(child, 'message', { signal: AbortSignal.timeout(20_000) })) as [number]
  // Of 40 MB, 8 MB are held at most.
  expect(megabytes).toBeLessThan(250)
  // Now it reads again.
  let text = ''
  child.stdout?.on('data', (data) => (text += String(data)))
  const said = /^\{"severity":"WARNING","message":"\d+ log lines were left out because the reader of the log did not keep up"/m
  await expect.poll(() => said.test(text), { timeout: 20_000 }).toBe(true)
  child.send('enough')
  expect(await once(child, 'close')).toEqual([0, null])
})

test('a non-blocking pipe that is full is written on when there is room, in order and whole', async () => {
  const path = join(temporaryFolder(), 'pipe')
  execFileSync('mkfifo', [path])
  const child = run("for (let line = 0; line < 20000; line++) output.write(line + ' ' + 'x'.repeat(40) + '\\n'); setTimeout(() => {}, 5000).unref()", openSync(path, constants.O_RDWR | constants.O_NONBLOCK))
  await new Promise((resolve) => setTimeout(resolve, 150))
  let text = ''
  const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void reader.kill('SIGKILL'))
  reader.stdout.on('data', (data) => (text += String(data)))
  await once(child, 'close')
  await expect.poll(() => text.trimEnd().split('\n').length).toBe(20_000)
  const numbers = text.trimEnd().split('\n').map((line) => Number(line.split(' ')[0]))
  expect(numbers.every((number, index) => number === index)).toBe(true)
})
