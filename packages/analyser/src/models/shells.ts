import type { CallModel, LibraryModel, Shape } from './shape.ts'

const runs: CallModel = { sinks: [{ arg: 0, kind: 'command' }], callbacks: [{ arg: -1 }] }
const shell: Shape = { call: runs, members: Object.fromEntries(['exec', 'execSync', 'run', 'get', 'spawn', 'sync', 'exec2', 'command', 'commandSync'].map((name) => [name, { call: runs }])) }
const program: CallModel = { sinks: [{ arg: 0, kind: 'program' }, { arg: 0, kind: 'command', when: 'shell' }, { arg: 1, kind: 'command', when: 'shell' }, { arg: 1, field: '*', kind: 'command', when: 'shell' }, { arg: 1, field: '*', kind: 'argument' }] }
const programs: Shape = { call: program, members: { sync: { call: program }, spawn: { call: program }, spawnSync: { call: program } } }
const quotes: Shape = { call: { derives: [0], harmless: ['command'] }, members: { quote: { call: { derives: [0], harmless: ['command'] } }, default: { call: { derives: [0], harmless: ['command'] } } } }

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
    'child-process-promise': { members: { exec: { call: runs }, spawn: { call: program }, execFile: { call: program } } },
    'sudo-prompt': { members: { exec: { call: runs } } },
    execa: { ...programs, members: { ...programs.members, execa: programs, execaSync: programs, shell: { call: runs }, shellSync: { call: runs }, command: { call: { sinks: [{ arg: 0, kind: 'program' }] } }, execaCommand: { call: { sinks: [{ arg: 0, kind: 'program' }] } } } },
    'cross-spawn': programs,
    'cross-spawn-promise': programs,
    'shell-quote': quotes,
    'shell-escape': quotes,
    'any-shell-escape': quotes,
    shellescape: quotes,
    'shq': quotes,
    puka: quotes,
  },
}
