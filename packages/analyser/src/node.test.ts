import { expect, test } from 'vitest'
import { decodeModel } from './model/encoded.ts'
import { modelFiles, type ModelOptions } from './node.ts'

const texts = new Map([
  ...Array.from({ length: 30 }, (_, index) => [`file${index}.js`, `exports.f${index} = (x) => require('child_process').exec(x + ${index})\n`.repeat(300)] as const),
  ['deep.js', `x = ${'!!!!!!!!!!\n'.repeat(400)}1\n`],
  ['deeper.js', `x = ${'['.repeat(100_000)}${']'.repeat(100_000)}\n`],
  ['broken.js', 'const = 1\n'],
])
const source: ModelOptions = { read: async (path) => texts.get(path)!, size: (path) => texts.get(path)!.length }

async function all(options: ModelOptions): Promise<(readonly [string, string])[]> {
  const found: (readonly [string, string])[] = []
  for await (const one of modelFiles([...texts.keys()], options)) found.push(one)
  return found
}

test('models are the same and in the same order, however many workers make them', async () => {
  const [none, one, three] = await Promise.all([all({ ...source, workers: 0 }), all({ ...source, workers: 1 }), all({ ...source, workers: 3 })])
  expect(none.map(([path]) => path)).toEqual([...texts.keys()])
  expect(one).toEqual(none)
  expect(three).toEqual(none)
  const problemOf = new Map(none.map(([path, model]) => [path, decodeModel(model).problems[0]?.kind]))
  expect([problemOf.get('file0.js'), problemOf.get('deep.js'), problemOf.get('broken.js')]).toEqual([undefined, undefined, 'syntax'])
  expect(problemOf.get('deeper.js')).toBeDefined()
})

test.each([0, 2])('a file that cannot be read ends it, with %i workers', async (workers) => {
  const read = async (path: string) => (path === 'file20.js' ? Promise.reject(new Error('gone')) : source.read(path))
  await expect(all({ ...source, read, workers })).rejects.toThrow('gone')
})

test.each([0, 2])('an abort ends it, with %i workers', async (workers) => {
  const controller = new AbortController()
  const read = async (path: string) => {
    if (path === 'file20.js') controller.abort(new Error('enough'))
    return source.read(path)
  }
  await expect(all({ ...source, read, workers, signal: controller.signal })).rejects.toThrow('enough')
})

test('who stops asking ends the workers', async () => {
  for await (const [path] of modelFiles([...texts.keys()], { ...source, workers: 2 })) {
    expect(path).toBe('file0.js')
    break
  }
})
