import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { repository as root } from '../app/tests/packaging/docker-engine.ts'
import { ScratchRepository, cli } from '../packages/shiplock/src/testing/scratch-repository.ts'

const isWalled = spawnSync('bwrap', ['--unshare-net', '--unshare-user', '--ro-bind', '/', '/', '/bin/true']).status === 0
const isSkipped = !isWalled && process.env['CI'] === undefined
if (isSkipped) process.stderr.write('SKIPPED: nothing is built without a network: bubblewrap cannot make namespaces here\n')

test.skipIf(isSkipped)('without a network an image is built from what is in the store, and says of when that is; what is not there is named', async () => {
  const lock = readFileSync(join(root, 'shiplock.image.lock'), 'utf8')
  const repository = await ScratchRepository.create({ 'shiplock.image.lock': lock, 'shiplock.config.ts': "export default { image: { builder: 'assemble', build: null, dependencies: 'none', files: ['src/**'], entrypoint: ['node', 'src/server.mjs'] } }\n" })
  onTestFinished(() => repository.dispose())
  mkdirSync(join(repository.root, '.shiplock/cache'), { recursive: true })
  const environment = { ...process.env, HOME: repository.root, XDG_CACHE_HOME: join(repository.root, '.shiplock/cache') }
  const offline = (...args: string[]) => spawnSync('bwrap', ['--unshare-net', '--dev-bind', '/', '/', process.execPath, cli, 'image', 'build', ...args], { cwd: repository.root, env: environment, encoding: 'utf8' })

  const empty = offline()
  expect([empty.status, empty.stderr]).toEqual([3, expect.stringContaining('No mirror gave')])

  const online = await repository.shiplock(['image', 'build'], { XDG_CACHE_HOME: environment.XDG_CACHE_HOME })
  expect(online.exitCode, online.stderr).toBe(0)
  const again = offline('--no-cache')
  expect(again.status, again.stderr).toBe(0)
  const dates: readonly string[] = JSON.parse(lock).releases.map(({ date }: { readonly date: string }) => date)
  expect(again.stderr).toContain(`Debian of ${dates.toSorted().at(-1)!.slice(0, 10)}`)
  expect(digestIn(again.stdout)).toBe(digestIn(online.stdout))
})

const digestIn = (output: string): string | undefined => /sha256:[0-9a-f]{64}/.exec(output)?.[0]
