import type { CallModel, LibraryModel, Shape } from './shape.ts'
import { calls } from './text.ts'

const command: CallModel = { sinks: [{ arg: 0, kind: 'command' }], callbacks: [{ arg: -1 }] }
/** A program and its arguments, without a shell; with `shell: true` the whole is a command. */
const program: CallModel = { sinks: [{ arg: 0, kind: 'command' }, { arg: 1, kind: 'argument' }, { arg: 1, field: '*', kind: 'argument' }, { arg: 1, field: '*', kind: 'command', when: 'shell' }] }
const quoted: CallModel = { derives: [0], harmless: ['command'] }
const execa: Shape = { call: program, members: { ...calls(program, 'sync', 'node', 'execa', 'execaSync', 'execaNode'), ...calls(command, 'command', 'commandSync', 'execaCommand', 'execaCommandSync', 'shell'), $: { call: {} } } }

/** Programs that are run through packages, and text made safe for a shell. */
export const shells: LibraryModel = {
  modules: {
    execa,
    'cross-spawn': { call: program, members: { ...calls(program, 'sync', 'spawn') } },
    'cross-spawn-async': { call: program },
    'spawn-sync': { call: program },
    spawnd: { call: program },
    shelljs: { members: { exec: { call: command } } },
    'shelljs/global': {},
    zx: { members: { $: { call: {} } } },
    'child-process-promise': { members: { exec: { call: command }, spawn: { call: program }, execFile: { call: program } } },
    'child-process-es6-promise': { members: { exec: { call: command }, spawn: { call: program } } },
    'node-cmd': { members: calls(command, 'run', 'get', 'runSync') },
    'exec-sh': { call: command, members: { promise: { call: command } } },
    'command-exists': {},
    tinyexec: { members: { exec: { call: program }, x: { call: program } } },
    nanoexec: { call: command },
    'shell-quote': { members: { quote: { call: quoted }, parse: { call: { derives: [0] } } } },
    'shell-escape': { call: quoted },
    shescape: { members: calls(quoted, 'quote', 'quoteAll', 'escape', 'escapeAll') },
    'any-shell-escape': { call: quoted },
    ssh2: { members: { Client: { construct: { returns: { members: { exec: { call: command }, on: { call: { callbacks: [{ arg: 1 }] } } } } } } } },
    'node-ssh': { members: { NodeSSH: { construct: { returns: { members: calls(command, 'execCommand') } } } } },
  },
}
