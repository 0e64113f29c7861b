import type { CallModel, LibraryModel, Shape, SinkModel } from './shape.ts'

const pathArgument: SinkModel = { arg: 0, kind: 'path' }
const both: readonly SinkModel[] = [{ arg: 0, kind: 'path' }, { arg: 1, kind: 'path' }]
const reads: CallModel = { sinks: [pathArgument], returns: 'file.content', callbacks: [{ arg: -1, params: [undefined, 'file.content'] }] }
const touches: CallModel = { sinks: [pathArgument], callbacks: [{ arg: -1 }] }
const moves: CallModel = { sinks: both, callbacks: [{ arg: -1 }] }

const fileSystem: Record<string, Shape> = {}
for (const name of ['readFile', 'readFileSync', 'createReadStream', 'readlink', 'readlinkSync', 'readJson', 'readJSON', 'readJsonSync', 'outputFile', 'outputFileSync']) fileSystem[name] = { call: reads, api: `fs.${name}` }
/** Names of files are chosen by whoever may put files there. */
const lists: CallModel = { sinks: [pathArgument], returns: 'file.name', callbacks: [{ arg: -1, params: [undefined, 'file.name'] }] }
for (const name of ['readdir', 'readdirSync']) fileSystem[name] = { call: lists, api: `fs.${name}` }
for (const name of ['writeFile', 'writeFileSync', 'appendFile', 'appendFileSync', 'createWriteStream', 'unlink', 'unlinkSync', 'mkdtemp', 'mkdtempSync', 'fchmod', 'fchmodSync', 'lchmod', 'rm', 'rmSync', 'rmdir', 'rmdirSync', 'mkdir', 'mkdirSync', 'mkdirp', 'open', 'openSync', 'chmod', 'chmodSync', 'chown', 'chownSync', 'lchown', 'truncate', 'truncateSync', 'utimes', 'utimesSync', 'lutimes', 'lutimesSync', 'opendirSync', 'statfs', 'statfsSync', 'stat', 'statSync', 'lstat', 'lstatSync', 'access', 'accessSync', 'exists', 'existsSync', 'realpath', 'realpathSync', 'watch', 'watchFile', 'remove', 'removeSync', 'ensureDir', 'ensureDirSync', 'ensureFile', 'emptyDir', 'writeJson', 'opendir'])
  fileSystem[name] = { call: touches, api: `fs.${name}` }
for (const name of ['rename', 'renameSync', 'copyFile', 'copyFileSync', 'cp', 'cpSync', 'link', 'linkSync', 'symlink', 'symlinkSync', 'copy', 'copySync', 'move', 'moveSync']) fileSystem[name] = { call: moves, api: `fs.${name}` }
// What `promisifyAll` makes of them.
const promised = (members: Record<string, Shape>): Record<string, Shape> => ({ ...members, ...Object.fromEntries(Object.entries(members).map(([name, shape]) => [`${name}Async`, shape])) })

const fs: Shape = { members: { ...promised(fileSystem), promises: { members: fileSystem } }, api: 'fs' }

const shell = (name: string): Shape => ({ call: { sinks: [{ arg: 0, kind: 'command' }], callbacks: [{ arg: -1 }] }, api: `child_process.${name}` })
const program = (name: string): Shape => ({
  call: { sinks: [{ arg: 0, kind: 'program' }, { arg: 0, kind: 'command', when: 'shell' }, { arg: 1, kind: 'command', when: 'shell' }, { arg: 1, field: '*', kind: 'command', when: 'shell' }, { arg: 1, kind: 'argument' }, { arg: 1, field: '*', kind: 'argument' }], callbacks: [{ arg: -1 }] },
  api: `child_process.${name}`,
})
const childProcess: Shape = {
  members: promised({ exec: shell('exec'), execSync: shell('execSync'), spawn: program('spawn'), spawnSync: program('spawnSync'), execFile: program('execFile'), execFileSync: program('execFileSync'), fork: { call: { sinks: [{ arg: 0, kind: 'module' }] }, api: 'child_process.fork' } }),
}

const joins: CallModel = { normalises: true, derives: [0, 1, 2, 3, 4], harmless: ['nosql', 'record', 'prototype', 'secret'] }
const path: Shape = {
  members: {
    join: { call: joins, api: 'path.join' },
    resolve: { call: joins, api: 'path.resolve' },
    normalize: { call: { derives: [0], normalises: true }, api: 'path.normalize' },
    relative: { call: { derives: [0, 1] } },
    dirname: { call: { derives: [0] } },
    basename: { call: { derives: [0], harmless: ['path', 'module'] } },
    extname: { call: { derives: [0], harmless: ['path', 'module', 'url', 'redirect'] } },
    parse: { call: { derives: [0] } },
    format: { call: { derives: [0] } },
    posix: 'path',
    win32: 'path',
  },
}

const parsedUrl: CallModel = { derives: [0, 1] }
const digest: CallModel = { harmless: 'all' }
const requests: CallModel = { sinks: [{ arg: 0, kind: 'url' }, { arg: 0, field: 'url', kind: 'url' }, { arg: 0, field: 'uri', kind: 'url' }, { arg: 0, field: 'host', kind: 'url' }, { arg: 0, field: 'hostname', kind: 'url' }, { arg: 0, field: 'baseURL', kind: 'url' }], callbacks: [{ arg: -1, params: ['http.incoming'] }] }
const serves: CallModel = { callbacks: [{ arg: 'any', params: ['http.request', 'http.response'] }], returns: 'http.server' }
const agent: Shape = { construct: {}, call: {}, api: 'https.Agent' }
const http: Shape = { members: { Agent: agent, createServer: { call: serves, api: 'http.createServer' }, Server: { call: serves }, request: { call: requests, api: 'http.request' }, get: { call: requests, api: 'http.get' } } }

const util: Shape = {
  members: {
    format: { call: { derives: [0, 1, 2, 3, 4] } },
    inspect: { call: { derives: [0] } },
    promisify: { call: { copies: [0] } },
    callbackify: { call: { copies: [0] } },
    deprecate: { call: { copies: [0] } },
    inherits: { call: {} },
  },
}

const vmRun: CallModel = { sinks: [{ arg: 0, kind: 'code' }] }

/** Node's own modules and `process`. */
export const node: LibraryModel = {
  modules: {
    fs,
    'fs/promises': fs,
    'fs-extra': fs,
    'graceful-fs': fs,
    'mz/fs': fs,
    'original-fs': fs,
    child_process: childProcess,
    'mz/child_process': childProcess,
    path: 'path',
    http,
    https: http,
    http2: { members: { createServer: { call: serves }, createSecureServer: { call: serves } } },
    url: { members: { parse: { call: parsedUrl, api: 'url.parse' }, resolve: { call: parsedUrl }, format: { call: { derives: [0] } }, URL: { construct: { derives: [0, 1] } }, fileURLToPath: { call: { derives: [0] } } } },
    querystring: { members: { parse: { call: { derives: [0] } }, stringify: { call: { derives: [0], harmless: ['url', 'redirect', 'html', 'command', 'sql', 'path', 'header', 'log'] } }, escape: { call: { derives: [0], harmless: ['url', 'redirect', 'html', 'command', 'sql', 'path'] } }, unescape: { call: { derives: [0], decodes: true } } } },
    util,
    vm: { members: { runInThisContext: { call: vmRun, api: 'vm.run' }, runInNewContext: { call: vmRun, api: 'vm.run' }, runInContext: { call: vmRun, api: 'vm.run' }, compileFunction: { call: vmRun, api: 'vm.run' }, Script: { construct: vmRun, api: 'vm.run' } }, api: 'vm' },
    zlib: { members: Object.fromEntries(['gunzip', 'gunzipSync', 'inflate', 'inflateSync', 'inflateRaw', 'inflateRawSync', 'unzip', 'unzipSync', 'brotliDecompress', 'brotliDecompressSync'].map((name): [string, Shape] => [name, { call: { sinks: [{ arg: 0, kind: 'allocation', unless: 'maxOutputLength' }], derives: [0], callbacks: [{ arg: -1 }] }, api: `zlib.${name}` }])) },
    v8: { members: { deserialize: { call: { sinks: [{ arg: 0, kind: 'deserialise' }] } } } },
    crypto: {
      api: 'crypto',
      members: {
        createHash: { call: { returns: 'crypto.hash' }, api: 'crypto.createHash' },
        createHmac: { call: { returns: 'crypto.hash' }, api: 'crypto.createHmac' },
        createCipher: { call: {}, api: 'crypto.createCipher' },
        createCipheriv: { call: {}, api: 'crypto.createCipheriv' },
        createDecipher: { call: {}, api: 'crypto.createDecipher' },
        createDecipheriv: { call: {}, api: 'crypto.createDecipheriv' },
        pbkdf2: { call: {}, api: 'crypto.pbkdf2' },
        pbkdf2Sync: { call: {}, api: 'crypto.pbkdf2Sync' },
        pseudoRandomBytes: { call: {}, api: 'crypto.pseudoRandomBytes' },
        randomBytes: { call: { harmless: 'all', sinks: [{ arg: 0, kind: 'allocation' }] }, api: 'crypto.randomBytes' },
        generateKeyPair: { call: {}, api: 'crypto.generateKeyPair' },
        generateKeyPairSync: { call: {}, api: 'crypto.generateKeyPairSync' },
        scrypt: { call: {}, api: 'crypto.scrypt' },
        scryptSync: { call: {}, api: 'crypto.scryptSync' },
        createSign: { call: { returns: 'crypto.hash' }, api: 'crypto.createSign' },
        createDiffieHellman: { call: {}, api: 'crypto.createDiffieHellman' },
        createECDH: { call: {}, api: 'crypto.createECDH' },
        timingSafeEqual: { call: {} },
        randomUUID: { call: digest },
      },
    },
    os: { members: { tmpdir: { call: {}, api: 'os.tmpdir' }, homedir: { call: {}, api: 'os.homedir' } } },
    tls: { members: { connect: { call: {}, api: 'tls.connect' }, createServer: { call: {}, api: 'tls.createServer' }, createSecureContext: { call: {}, api: 'tls.createSecureContext' } } },
    net: { members: { createServer: { call: { callbacks: [{ arg: -1, params: ['net.socket'] }], returns: 'http.server' } }, connect: { call: {} } } },
    readline: { members: { createInterface: { call: {} } } },
  },
  globals: {
    process: {
      api: 'process',
      members: {
        argv: { source: 'command-line' },
        env: { source: 'environment', api: 'process.environment', members: { '*': { api: 'process.env' }, NODE_TLS_REJECT_UNAUTHORIZED: { api: 'process.env.NODE_TLS_REJECT_UNAUTHORIZED' } } },
        stdin: { source: 'command-line' },
        nextTick: { call: { callbacks: [{ arg: 0, receives: 1 }] } },
        stdout: { members: { write: { call: {} } } },
        exit: { call: {} },
        cwd: { call: {}, api: 'process.cwd' },
        umask: { call: {}, api: 'process.umask' },
      },
    },
  },
  types: {
    path,
    'file.name': { source: 'content' },
    'file.content': { source: 'file' },
    'crypto.hash': { members: { update: { call: { returns: 'crypto.hash' }, api: 'crypto.hash.update' }, digest: { call: digest, api: 'crypto.hash.digest' } } },
    'net.socket': { members: { on: { call: { callbacks: [{ arg: 1, params: ['net.data'] }] } } } },
    'net.data': { source: 'message' },
    'http.incoming': { members: { on: { call: { callbacks: [{ arg: 1, params: ['http.content'] }] } } } },
    'http.content': { source: 'response' },
    'http.server': { members: { on: { call: { callbacks: [{ arg: 1, params: ['http.request', 'http.response'] }] } }, listen: { call: { callbacks: [{ arg: -1 }] }, api: 'server.listen' } } },
  },
}
