import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { modelFile } from './model-file.ts'

const text = 'const { exec } = require("child_process")\nexec(process.argv[2] + /a+$/u.source + 1n)\n'

test('where a process may not have the addresses to share a tree, files are modelled all the same', () => {
  const script = `
    let addresses = 'to be had'
    try { new ArrayBuffer(6 * 2 ** 30) } catch (error) { addresses = error.name }
    const { modelFile } = await import(${JSON.stringify(new URL('./model-file.ts', import.meta.url).href)})
    console.log(JSON.stringify([addresses, modelFile('a.js', ${JSON.stringify(text)})]))`
  // Kilobytes.
  const { stdout, stderr } = spawnSync('bash', ['-c', 'ulimit -v 6000000 && exec "$0" --input-type=module --eval "$1"', process.execPath, script], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual(['RangeError', modelFile('a.js', text)])
})

test('a text that is too long to share is modelled as a short one', () => {
  const { edges, calls, constants, regexes } = modelFile('a.js', text)
  const long = modelFile('a.js', `${text}${'//\n'.repeat(400_000)}`)
  expect([long.edges, long.calls, long.constants, long.regexes]).toEqual([edges, calls, constants, regexes])
})
