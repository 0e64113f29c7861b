import type { CallModel, LibraryModel, Shape } from './shape.ts'
import { calls } from './text.ts'

const runs: CallModel = { sinks: [{ arg: 0, kind: 'command' }], callbacks: [{ arg: -1 }] }
const shell: Shape = { call: runs, members: calls(runs, 'exec', 'execSync', 'run', 'runSync', 'get', 'spawn', 'sync', 'exec2', 'command', 'commandSync', 'promise') }
/** A program and its arguments, without a shell; with `shell: true` the whole is a command. */
const program: CallModel = { sinks: [{ arg: 0, kind: 'program' }, { arg: 0, kind: 'command', when: 'shell' }, { arg: 1, kind: 'command', when: 'shell' }, { arg: 1, field: '*', kind: 'command', when: 'shell' }, { arg: 1, field: '*', kind: 'argument' }] }
const programs: Shape = { call: program, members: calls(program, 'sync', 'spawn', 'spawnSync') }
/** A program and its arguments in one text, which is split at its spaces. */
const line: CallModel = { sinks: [{ arg: 0, kind: 'program' }, { arg: 0, kind: 'command', when: 'shell' }] }
const quoted: CallModel = { derives: [0], harmless: ['command'] }
const quotes: Shape = { call: quoted, members: calls(quoted, 'quote', 'default') }

/** Packages that start programs, and those that quote for a shell. */
export const shells: LibraryModel = {
  modules: {
    shelljs: { members: { exec: { call: runs } } },
    'shelljs/global': { members: { exec: { call: runs } } },
    'shell-exec': shell,
    'node-cmd': shell,
    execsync: shell,
    'exec-sync': shell,
    'sync-exec': shell,
    'exec-sh': shell,
    'npm-run': shell,
    'promise-exec': shell,
    'async-exec': shell,
    nanoexec: shell,
    'child-process-promise': { members: { exec: { call: runs }, spawn: { call: program }, execFile: { call: program } } },
    'child-process-es6-promise': { members: { exec: { call: runs }, spawn: { call: program } } },
    'sudo-prompt': { members: { exec: { call: runs } } },
    execa: { ...programs, members: { ...programs.members, execa: programs, ...calls(program, 'execaSync', 'node', 'execaNode'), ...calls(runs, 'shell', 'shellSync'), ...calls(line, 'command', 'commandSync', 'execaCommand', 'execaCommandSync'), $: { call: {} } } },
    tinyexec: { members: calls(program, 'exec', 'x') },
    'cross-spawn': programs,
    'cross-spawn-promise': programs,
    'cross-spawn-async': programs,
    'spawn-sync': programs,
    spawnd: programs,
    zx: { members: { $: { call: {} } } },
    'command-exists': {},
    'shell-quote': { ...quotes, members: { ...quotes.members, parse: { call: { derives: [0] } } } },
    'shell-escape': quotes,
    'any-shell-escape': quotes,
    shellescape: quotes,
    shq: quotes,
    puka: quotes,
    shescape: { members: calls(quoted, 'quote', 'quoteAll', 'escape', 'escapeAll') },
    ssh2: { members: { Client: { construct: { returns: { members: { exec: { call: runs }, on: { call: { callbacks: [{ arg: 1 }] } } } } } } } },
    'node-ssh': { members: { NodeSSH: { construct: { returns: { members: calls(runs, 'execCommand') } } } } },
  },
}
