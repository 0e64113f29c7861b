// The only plain-JavaScript entry: runs on whatever Node the machine has, installs what the lock file names if that
// has not been done, and hands over to the pinned Node. No dependencies: nothing is installed when it starts.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdtempSync, readFileSync, readdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import nodeModule from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))
const installed = join(root, 'node_modules')
const stampPath = join(installed, '.shiplock-install')
const compileCache = join(root, '.shiplock', 'compile-cache')

/** Made when the packages are installed; goes on to the sources by itself where it is not of them any more. */
const bundle = join(installed, '.cache/shiplock/shiplock.mjs')
const bundler = join(root, 'packages/shiplock/scripts/write-bundle.ts')

const programs = {
  // Packages behind a link may be another checkout's, and then the bundle is too.
  shiplock: existsSync(bundle) && !lstatSync(installed).isSymbolicLink() ? bundle : join(root, 'packages/shiplock/src/cli/main.ts'),
  test: join(installed, 'vitest/vitest.mjs'),
  todo: join(root, 'app/src/server.ts'),
}

/** Exit codes as the command line has them: 2 usage, 3 could not (network, tool). */
class Trouble extends Error {
  constructor(exitCode, message, hint) {
    super(message)
    this.exitCode = exitCode
    this.hint = hint
  }
}

async function main([name, ...args]) {
  const program = programs[name]
  // For hints that name the command: nothing called `shiplock` need be on PATH.
  if (name === 'shiplock') process.env.SHIPLOCK_STARTED_AS = startedAs()
  if (!program) throw new Trouble(2, `launch.mjs runs ${Object.keys(programs).join(' or ')}, not ${name ?? 'nothing'}`)
  if (process.platform === 'win32') throw new Trouble(2, 'Shiplock runs on Linux and macOS; on Windows, run it inside WSL (https://learn.microsoft.com/windows/wsl).')
  if (major(process.version) < 20) throw new Trouble(2, `This needs Node 20 or later to start; this is ${process.version}.`)
  const stamp = installStamp()
  if (!isInstalled(stamp)) await install(stamp)
  await handOver(pinnedNode(), program, name === 'test' ? ['run', ...args] : args)
}

function startedAs() {
  const fromHere = relative(process.cwd(), fileURLToPath(import.meta.url))
  const path = fromHere.startsWith('..') ? fileURLToPath(import.meta.url) : fromHere
  return `node ${/^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`} shiplock`
}

const major = (version) => Number(version.replace(/^v/, '').split('.')[0])

// --- installing

/** What an installation depends on: the lock file, and what optional packages are chosen by. */
const installStamp = () => createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).update(`${process.platform}-${process.arch}`).digest('hex')

function isInstalled(stamp) {
  if (existsSync(stampPath)) return readFileSync(stampPath, 'utf8') === stamp
  // Somebody ran npm by hand: its own record of what it installed tells whether that was this lock file.
  const record = join(installed, '.package-lock.json')
  if (!existsSync(record)) return false
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const found = JSON.parse(readFileSync(record, 'utf8')).packages
  const same = Object.entries(wanted).every(([path, { version, optional, link }]) => !path.startsWith('node_modules/') || link || found[path]?.version === version || (optional && !found[path]))
  if (same) writeFileSync(stampPath, stamp)
  return same
}

async function install(stamp) {
  const release = await lockInstallation()
  try {
    if (isInstalled(stamp)) return
    await npmCi()
    const node = pinnedNode()
    const { status, stderr, error } = spawnSync(node, ['--version'], { encoding: 'utf8' })
    if (status !== 0) throw new Trouble(3, `The pinned Node does not start here: ${(stderr || error?.message || '').trim()}`, 'On Debian and Ubuntu: apt-get install libatomic1')
    writeFileSync(stampPath, stamp)
    writeBundle(node)
  } finally {
    release()
  }
}

/** The sources run without it, only slower to start. */
function writeBundle(node) {
  if (!existsSync(bundler)) return
  const { status, stderr, error } = spawnSync(node, [bundler], { cwd: root, encoding: 'utf8' })
  if (status !== 0) process.stderr.write(`note: the command line could not be packed and will start more slowly: ${plain(stderr || error?.message || '').trim().split('\n')[0]}\n`)
}

function npmCi() {
  const total = Object.keys(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages).filter((path) => path.startsWith('node_modules/')).length
  // `npm_execpath` is the npm that runs us; without it, the one on PATH.
  const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm']
  const child = spawn(npm[0], [...npm.slice(1), 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr = (stderr + text).slice(-20_000)))
  const started = Date.now()
  const isTerminal = process.stderr.isTTY && !process.env.CI
  if (!isTerminal) process.stderr.write(`Installing up to ${total} packages (npm ci) …\n`)
  const timer = setInterval(() => {
    if (isTerminal) process.stderr.write(`\r\x1b[2KInstalling packages (npm ci): ${countInstalled()} of up to ${total}, ${Math.round((Date.now() - started) / 1000)} s `)
  }, 250)
  return new Promise((resolve, reject) => {
    const end = () => {
      clearInterval(timer)
      if (isTerminal) process.stderr.write('\r\x1b[2K')
    }
    child.on('error', (error) => (end(), reject(new Trouble(3, `npm could not be started: ${error.message}`, 'Install npm 10 or 11.'))))
    child.on('close', (code) => {
      end()
      if (code === 0) {
        process.stderr.write(`Installed ${countInstalled()} packages in ${Math.round((Date.now() - started) / 1000)} s.\n`)
        return resolve()
      }
      const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ECONNRESET|EHOSTUNREACH/.exec(stderr)
      const full = /ENOSPC|no space left/i.test(stderr)
      const message = offline ? `The npm registry could not be reached (${offline[0]}), and nothing is installed yet.` : full ? 'The disk is full; the packages could not be installed.' : `npm ci ended with exit code ${code}.`
      const hint = offline ? 'Connect, or set npm to a registry or proxy that you can reach, and run the command again. Once installed, no network is needed.' : `npm said:\n${plain(stderr).trim().split('\n').filter((line) => !line.startsWith('npm warn')).slice(0, 12).join('\n')}`
      reject(new Trouble(3, message, hint))
    })
  })
}

/** npm's words may carry what a registry said: no control characters to the terminal. */
const plain = (text) => text.replace(/\p{Cc}/gu, (character) => (character === '\n' ? character : ''))

function countInstalled() {
  const list = (path) => (existsSync(path) ? readdirSync(path).filter((name) => !name.startsWith('.')) : [])
  return list(installed).reduce((count, name) => count + (name.startsWith('@') ? list(join(installed, name)).length : 1), 0)
}

/** Two first starts at once: the second waits for the first. A lock whose owner is gone is taken over. */
async function lockInstallation() {
  const lock = join(root, '.shiplock', 'install.lock')
  makeStateDirectory(dirname(lock))
  for (let hasTold = false; ; ) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      return () => rmSync(lock, { force: true })
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const owner = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0
    // Killed before it wrote its name, our own pid in a container that was started again, or far too old: nobody installs.
    const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    const isStale = owner > 0 ? owner === process.pid || !isAlive(owner) || age > 30 * 60_000 : age > 2000
    if (isStale) rmSync(lock, { force: true })
    else {
      if (!hasTold) process.stderr.write(`Another start is installing (process ${owner}); waiting for it.\n`)
      hasTold = true
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
  }
}

/** As system/state-directory.ts makes it: with a mark that tells it from one that came with a repository. */
function makeStateDirectory(path) {
  if (existsSync(path)) return
  const made = mkdtempSync(`${path}-`)
  writeFileSync(join(made, '.gitignore'), '*\n')
  writeFileSync(join(made, 'made-here'), `${lstatSync(made, { bigint: true }).ino}\n`)
  try {
    renameSync(made, path)
  } catch {
    // Another start was faster: its directory is as good.
    rmSync(made, { recursive: true, force: true })
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}

// --- handing over

function pinnedNode() {
  const pinned = join(installed, `node-${process.platform}-${process.arch}`, 'bin', 'node')
  if (existsSync(pinned)) return pinned
  if (major(process.version) >= 24) return process.execPath
  throw new Trouble(2, `There is no pinned Node for ${process.platform} ${process.arch}, and this Node is ${process.version}.`, 'Install Node 24 or later (https://nodejs.org).')
}

function handOver(node, program, args) {
  makeStateDirectory(dirname(compileCache))
  if (realpathSync(node) === realpathSync(process.execPath)) {
    nodeModule.enableCompileCache(compileCache)
    process.env.NODE_COMPILE_CACHE ??= compileCache
    process.argv = [process.argv[0], program, ...args]
    return import(pathToFileURL(program).href)
  }
  const child = spawn(node, [program, ...args], { stdio: 'inherit', env: { ...process.env, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? compileCache } })
  // Ctrl-C reaches the child by the terminal; signals that were sent to us alone are passed on.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => report(new Trouble(3, `The pinned Node could not be started: ${error.message}`, 'On Alpine, use an image with glibc.')))
  child.on('exit', (code, signal) => {
    if (!signal) return (process.exitCode = code ?? 70)
    // Ends as the child did, so that the shell sees the signal.
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(name)
    process.kill(process.pid, signal)
  })
}

function report(error) {
  if (!(error instanceof Trouble)) throw error
  process.stderr.write(`shiplock: ${error.message}\n${error.hint ? `${error.hint}\n` : ''}`)
  process.exitCode = error.exitCode
}

await main(process.argv.slice(2)).catch(report)
