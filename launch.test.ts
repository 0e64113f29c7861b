import { spawn } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStateDirectory } from './packages/shiplock/src/system/state-directory.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'launch-'))
  cpSync(join(import.meta.dirname, 'launch.mjs'), join(root, 'launch.mjs'))
  write('package.json', JSON.stringify({ name: 'r', version: '1.0.0', dependencies: { tiny: 'file:tiny' } }))
  write('tiny/package.json', JSON.stringify({ name: 'tiny', version: '1.0.0' }))
  writeLock()
  write('packages/shiplock/src/cli/main.ts', 'const args: string[] = process.argv.slice(2)\nconsole.log(`ran ${args.join()}`)\nprocess.exitCode = Number(process.env.CODE ?? 0)\n')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, content: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), content)
}

const writeLock = () =>
  write('package-lock.json', JSON.stringify({ name: 'r', version: '1.0.0', lockfileVersion: 3, requires: true, packages: { '': { name: 'r', version: '1.0.0', dependencies: { tiny: 'file:tiny' } }, 'node_modules/tiny': { resolved: 'tiny', link: true }, tiny: { version: '1.0.0' } } }))

const offline = { npm_config_registry: 'http://127.0.0.1:9', npm_config_fetch_retries: '0' }

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { npm_execpath: _, ...inherited } = process.env
  return spawn(process.execPath, args, { cwd: root, env: { ...inherited, ...offline, npm_config_cache: join(root, '.npm'), ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
}

async function launch(args: readonly string[], env: Readonly<Record<string, string>> = {}, node: readonly string[] = ['launch.mjs']) {
  const child = start([...node, ...args], env)
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), new Promise<number | null>((resolve) => child.on('close', resolve))])
  return { stdout, stderr, exitCode }
}

test('the first start installs and hands over; the second installs nothing and needs neither network nor npm', async () => {
  expect(await launch(['shiplock', 'a', 'b'])).toMatchObject({ exitCode: 0, stdout: 'ran a,b\n', stderr: expect.stringContaining('Installed') })
  expect(await launch(['shiplock'], { PATH: '/nowhere' })).toEqual({ exitCode: 0, stdout: 'ran \n', stderr: '' })
  expect(openStateDirectory(root), 'the state directory that it made is one of ours').toMatchObject({ ok: true })
})

test('the exit code of the command is the launcher’s', async () => {
  expect(await launch(['shiplock'], { CODE: '3' })).toMatchObject({ exitCode: 3 })
})

test('what is installed is packed, and from then on the bundle runs', async () => {
  write('packages/shiplock/scripts/write-bundle.ts', `import { mkdirSync, writeFileSync } from 'node:fs'\nmkdirSync('node_modules/.cache/shiplock', { recursive: true })\nwriteFileSync('node_modules/.cache/shiplock/shiplock.mjs', 'console.log("ran packed")')\n`)
  expect(await launch(['shiplock'])).toMatchObject({ exitCode: 0, stdout: 'ran \n' })
  expect(await launch(['shiplock'])).toMatchObject({ exitCode: 0, stdout: 'ran packed\n', stderr: '' })
})

test('a bundle among packages behind a link is not run: they may be another checkout’s', async () => {
  await launch(['shiplock'])
  write('other/.cache/shiplock/shiplock.mjs', 'console.log("of another checkout")\n')
  cpSync(join(root, 'node_modules'), join(root, 'other'), { recursive: true, verbatimSymlinks: true })
  rmSync(join(root, 'node_modules'), { recursive: true })
  symlinkSync('other', join(root, 'node_modules'))
  expect(await launch(['shiplock'])).toMatchObject({ exitCode: 0, stdout: 'ran \n' })
})

test('where it cannot be packed the sources run, and why is said once', async () => {
  write('packages/shiplock/scripts/write-bundle.ts', 'console.error("no bundler here")\nprocess.exit(1)\n')
  expect(await launch(['shiplock'])).toMatchObject({ exitCode: 0, stdout: 'ran \n', stderr: expect.stringContaining('could not be packed and will start more slowly: no bundler here') })
  expect(await launch(['shiplock'])).toMatchObject({ exitCode: 0, stdout: 'ran \n', stderr: '' })
})

test('another lock file is installed anew, and what somebody installed by hand is recognised', async () => {
  await launch(['shiplock'])
  write('package-lock.json', `${readFileSync(join(root, 'package-lock.json'), 'utf8')}\n`)
  expect((await launch(['shiplock'])).stderr).toContain('Installed')
  rmSync(join(root, 'node_modules/.shiplock-install'))
  expect((await launch(['shiplock'])).stderr).toBe('')
})

test('what somebody installed by hand from another lock file is not taken for this one’s', async () => {
  await launch(['shiplock'])
  rmSync(join(root, 'node_modules/.shiplock-install'))
  const lock: { packages: Record<string, object> } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  lock.packages['node_modules/newer'] = { version: '1.0.0' }
  write('package-lock.json', JSON.stringify(lock))
  expect((await launch(['shiplock'])).stderr).toContain('Installed')
})

test('an installation that was killed half way is done again', async () => {
  mkdirSync(join(root, 'node_modules/half'), { recursive: true })
  expect((await launch(['shiplock'])).stderr).toContain('Installed')
  expect(existsSync(join(root, 'node_modules/half'))).toBe(false)
})

test('without network at the first install the message says so, and the next start works', async () => {
  const far = { version: '1.0.0', integrity: 'sha512-AAAA' }
  write('package.json', JSON.stringify({ name: 'r', version: '1.0.0', dependencies: { far: '1.0.0' } }))
  write('package-lock.json', JSON.stringify({ name: 'r', version: '1.0.0', lockfileVersion: 3, packages: { '': { name: 'r', version: '1.0.0', dependencies: { far: '1.0.0' } }, 'node_modules/far': far } }))
  const { exitCode, stderr } = await launch(['shiplock'])
  expect(exitCode).toBe(3)
  expect(stderr).toContain('The npm registry could not be reached (ECONNREFUSED), and nothing is installed yet.')
  expect(stderr).toContain('Once installed, no network is needed.')
  write('package.json', JSON.stringify({ name: 'r', version: '1.0.0', dependencies: { tiny: 'file:tiny' } }))
  writeLock()
  expect(await launch(['shiplock'])).toMatchObject({ exitCode: 0 })
})

test('a start that finds another one installing says whom it waits for, and goes on when that is done', async () => {
  write('.shiplock/install.lock', String(process.pid))
  const child = start(['launch.mjs', 'shiplock'])
  let stderr = ''
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  await new Promise<void>((resolve) => child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk).includes('waiting') && resolve()).on('end', resolve))
  rmSync(join(root, '.shiplock/install.lock'))
  expect(await ended).toBe(0)
  expect(stderr).toContain(`Another start is installing (process ${process.pid}); waiting for it.`)
})

test('two first starts at once: one installs, the other uses what it installed', async () => {
  const both = await Promise.all([launch(['shiplock', '1']), launch(['shiplock', '2'])])
  expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0])
  expect(both.filter(({ stderr }) => /Installed \d/.test(stderr))).toHaveLength(1)
})

test('a lock of an installer that is gone holds nobody up', async () => {
  write('.shiplock/install.lock', '999999999')
  expect(await launch(['shiplock'])).toMatchObject({ exitCode: 0 })
})

test('the pinned Node is another program: arguments, exit code and output pass through', async () => {
  await launch(['shiplock'])
  const pinned = `node_modules/node-${process.platform}-${process.arch}/bin/node`
  write(pinned, `#!/bin/sh\nPINNED=yes exec "${process.execPath}" "$@"\n`)
  chmodSync(join(root, pinned), 0o755)
  write('packages/shiplock/src/cli/main.ts', 'console.log(process.env.PINNED, process.argv.slice(2).join()); process.exit(4)\n')
  expect(await launch(['shiplock', 'x', 'y z'])).toMatchObject({ exitCode: 4, stdout: 'yes x,y z\n' })
})

test('on Windows one sentence names WSL, and an old Node is told what is needed', async () => {
  const pretend = (change: string) => ['--input-type=module', '-e', `Object.defineProperty(process, ${change}); process.argv = [process.argv[0], 'launch.mjs', 'shiplock']; await import(${JSON.stringify(join(root, 'launch.mjs'))})`]
  const windows = await launch([], {}, pretend(`'platform', { value: 'win32' }`))
  expect(windows).toMatchObject({ exitCode: 2, stdout: '' })
  expect(windows.stderr).toMatch(/^shiplock: Shiplock runs on Linux and macOS; on Windows, run it inside WSL .*\.\n$/)
  expect((await launch([], {}, pretend(`'version', { value: 'v18.20.0' }`))).stderr).toBe('shiplock: This needs Node 20 or later to start; this is v18.20.0.\n')
})

test('an unknown program is a usage error', async () => {
  expect(await launch(['nope'])).toMatchObject({ exitCode: 2 })
})
