import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { openLayout, pushImage } from '@shiplock/image'
import { startDockerRegistry } from '../../../image/src/testing/docker-registry.ts'
import { makeStateDir, startRig } from '../testing/rig.ts'

const hasRegistry = spawnSync('docker-registry', ['--version'], { stdio: 'ignore' }).status === 0

test("Debian's docker-registry is installed where the tests have to prove something", () => {
  if (process.env['CI'] !== undefined) expect(hasRegistry, 'apt-get install docker-registry').toBe(true)
})

test.runIf(hasRegistry)('an image that only a registry has is pulled where that is asked for, and not where it is not', { timeout: 120_000 }, async () => {
  const host = await startDockerRegistry()
  await using publisher = await startRig()
  const { digest, layoutDir } = publisher.image
  await pushImage(await openLayout(layoutDir), digest, `${host}/todo:1`)
  const containers = [{ image: `${host}/todo@${digest}` }]
  const elsewhere = { layoutDir: `${makeStateDir()}/no-layout`, imagesDir: makeStateDir() }
  await using closed = await startRig(elsewhere)
  const { error } = await closed.settled('POST', 'services?serviceId=todo', { template: { containers } })
  expect(error.message).toContain(`Image '${host}/todo@${digest}' not found.`)
  await using open = await startRig({ ...elsewhere, pull: true })
  const service = await open.settled('POST', 'services?serviceId=todo', { invokerIamDisabled: true, template: { revision: 'todo-one', containers } })
  expect(service.terminalCondition).toMatchObject({ state: 'CONDITION_SUCCEEDED' })
  expect((await open.front('todo.localhost', '/')).body).toBe('todo-one\n')
  const absent = `${host}/todo@sha256:${'0'.repeat(64)}`
  const { error: missing } = await open.settled('POST', 'services?serviceId=other', { template: { containers: [{ image: absent }] } })
  expect(missing).toMatchObject({ code: 5, message: expect.stringContaining(`Image '${absent}' could not be pulled`) })
})
