import { createHash } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nodeProgram } from '../testing/image-files.ts'
import { examineProgram, nodeCpe, nodePurl } from './node-binary.ts'

async function* pieces(bytes: Uint8Array, cuts: readonly number[] = []): AsyncGenerator<Uint8Array> {
  let from = 0
  for (const cut of [...cuts, bytes.length].toSorted((a, b) => a - b)) {
    yield bytes.subarray(from, cut)
    from = cut
  }
}

test('the Node that runs this says which it is', async () => {
  const read = await examineProgram(createReadStream(process.execPath, { highWaterMark: 1024 * 1024 }))
  expect(read).toEqual({ nodeVersion: process.version.slice(1), sha256: createHash('sha256').update(readFileSync(process.execPath)).digest('hex') })
})

test('a version is found wherever the program is cut into pieces', async () => {
  const bytes = nodeProgram('22.1.0')
  const place = Buffer.from(bytes).indexOf('node.js/v')
  await fc.assert(fc.asyncProperty(fc.array(fc.oneof(fc.nat(bytes.length), fc.nat(40).map((n) => place - 10 + n)), { maxLength: 6 }), async (cuts) => {
    expect(await examineProgram(pieces(bytes, cuts))).toMatchObject({ nodeVersion: '22.1.0' })
  }))
})

test.each([
  ['another program', Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46]), Buffer.alloc(5000)])],
  ['a script that names Node', Buffer.from('#!/bin/sh\n# node.js/v22.1.0\n'.padEnd(200))],
  ['a version that goes on and on', nodeProgram(`22.1.0${'1'.repeat(100)}`)],
  ['a format for a version', nodeProgram('%d.%d.%d')],
])('%s is no Node', async (_, bytes) => {
  expect(await examineProgram(pieces(bytes))).toEqual({ sha256: createHash('sha256').update(bytes).digest('hex') })
})

test('a version at the very end of a program is found as well', async () => {
  expect(await examineProgram(pieces(Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46]), Buffer.from('node.js/v22.1.0-rc.1')])))).toMatchObject({ nodeVersion: '22.1.0-rc.1' })
})

test('other scanners know it by these names', () => {
  expect([nodePurl('22.1.0'), nodeCpe('22.1.0'), nodeCpe('22.1.0-rc.1')]).toEqual(['pkg:generic/node@22.1.0', 'cpe:2.3:a:nodejs:node.js:22.1.0:*:*:*:*:*:*:*', 'cpe:2.3:a:nodejs:node.js:22.1.0\\-rc.1:*:*:*:*:*:*:*'])
})
