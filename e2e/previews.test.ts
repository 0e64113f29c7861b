import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fetchOnce, isResponse } from '../packages/shiplock/src/system/http.ts'
import { ScratchRepository } from '../packages/shiplock/src/testing/scratch-repository.ts'

let repository: ScratchRepository

beforeAll(async () => {
  repository = await ScratchRepository.create({ 'shiplock.config.ts': "export default { targets: { local: { preview: { env: { GREETING: 'preview' } } } } }\n" })
  const run = await repository.run()
  expect(run.exitCode, run.stderr).toBe(0)
})
afterAll(() => repository.dispose())

const visit = async (url: string) => {
  const answer = await fetchOnce({ method: 'GET', url })
  return isResponse(answer) ? [answer.status, answer.body] : [answer.message]
}
const address = (tag: string) => `http://${tag}---small-preview.localhost:${repository.port}/`
const page = (text: string) => repository.edit('src/server.mjs', (source) => source.replace(/version \w+/, `version ${text}`))

test('on the local target a change is shown beside what serves, and goes again', async () => {
  page('of-seven')
  const shown = await repository.run(['--preview', '7'])
  expect(shown.exitCode, shown.stderr).toBe(0)
  expect(repository.record.release).toMatchObject({ service: 'small-preview', result: 'shown', uri: expect.stringContaining('pr-7---small-preview') })
  expect(`${shown.stdout}${shown.stderr}`).toContain('is shown as a preview')
  expect([await visit(address('pr-7')), await repository.page()]).toEqual([[200, 'version of-seven'], 'version 1'])

  const { revisions, drift } = JSON.parse((await repository.shiplock(['status', '--previews', '--format', 'json'])).stdout)
  expect([revisions, drift]).toEqual([[expect.objectContaining({ name: repository.record.release?.candidate, candidateAt: expect.stringContaining('pr-7---small-preview') })], []])
  expect((await repository.shiplock(['logs', '--previews'])).stdout).toContain('INFO  listening')

  expect(await repository.shiplock(['down', '--preview', '7'])).toMatchObject({ exitCode: 0, stdout: 'Removed from small-preview: pr-7\n' })
  expect([(await visit(address('pr-7')))[0], await repository.page()]).toEqual([404, 'version 1'])
  expect((await repository.shiplock(['down', '--expired-previews', '--format', 'json'])).stdout).toBe('{"service":"small-preview","removed":[]}\n')
})

test('a preview whose probe is red is shown to nobody', async () => {
  repository.edit('src/server.mjs', (source) => source.replace('.end(page)', ".end(request.url === '/.git/HEAD' ? 'ref: refs/heads/main\\n' : page)"))
  const red = await repository.run(['--preview', '8'])
  expect([red.exitCode, repository.record.release?.result]).toEqual([1, 'removed'])
  expect([(await visit(address('pr-8')))[0], await repository.page()]).toEqual([404, 'version 1'])
})

test('what a preview cannot be is said before anything runs', async () => {
  for (const args of [['run', '--preview', 'x'], ['run', '--preview', '0'], ['down', '--preview', '1', '--expired-previews'], ['deploy', '--preview', '1', '--hold'], ['run', '--preview', '1', '--target', 'cloud-run']]) {
    const { exitCode, stderr } = await repository.shiplock(args)
    expect([args.join(' '), exitCode], stderr).toEqual([args.join(' '), 2])
  }
})

test('a preview that would have the database of production is refused by name, and migrates nothing', async () => {
  repository.git('checkout', '--quiet', '--', 'src')
  const jobs = join(repository.root, '.shiplock/local/logs/jobs')
  const config = (own: string) => `export default { service: { env: { DATABASE_URL: 'mysql://todo@db.example.test/todo' }, migrate: { command: ['node', '-e', '0'] } }, targets: { local: { preview: { env: { ${own} } } } } }\n`
  repository.write('shiplock.config.ts', config(''))
  const refused = await repository.run(['--preview', '9'])
  expect(refused).toMatchObject({ exitCode: 3, stderr: expect.stringContaining("the preview would have production's database, by DATABASE_URL") })
  expect([existsSync(jobs), (await visit(address('pr-9')))[0]]).toEqual([false, 404])
  repository.write('shiplock.config.ts', config("DATABASE_URL: 'mysql://todo@db.example.test/previews'"))
  const shown = await repository.run(['--preview', '9'])
  expect(shown.exitCode, shown.stderr).toBe(0)
  expect([existsSync(join(jobs, 'small-preview-migrate')), (await visit(address('pr-9')))[0], await repository.page()]).toEqual([true, 200, 'version 1'])
})
