import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

let repository: ScratchRepository
beforeEach(async () => {
  repository = await ScratchRepository.create()
})
afterEach(() => repository.dispose())

const body = 'q7Rk2Vw9Zt4Xy6Bn8Mc3Lf5Hd1Js0Pg7Qa2U'

/** Every file that a run leaves behind, as bytes. */
function* leftBehind(directory: string): Generator<[string, Buffer]> {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name)
    if (statSync(path).isDirectory()) yield* leftBehind(path)
    else yield [path, readFileSync(path)]
  }
}

test.each(['pretty', 'json'])('a secret in the tree is refused and appears in no output, cache or report: %s', async (format) => {
  repository.write('src/client.mjs', `export const token = 'gh${'p'}_${body}'\nexport const database = 'postgres://shop:${body}@db.shop.io/shop'\nexport const apiKey = '${body}'\n`)
  const { exitCode, stdout, stderr } = await repository.shiplock(['secrets', '--format', format])
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 1 })
  expect(stdout).toContain('secrets/github-token')
  const places = [['stdout', Buffer.from(stdout)], ['stderr', Buffer.from(stderr)], ...leftBehind(join(repository.root, '.shiplock'))] as [string, Buffer][]
  const parts = Array.from({ length: body.length - 9 }, (_, at) => body.slice(at, at + 10))
  const spellings = [...parts, Buffer.from(body).toString('base64').slice(0, 40), Buffer.from(body).toString('hex')]
  expect(places.filter(([, bytes]) => spellings.some((spelling) => bytes.includes(spelling))).map(([place]) => place)).toEqual([])
})
