import type { LibraryModel, Shape } from './shape.ts'
import { calls } from './text.ts'

const line: Shape = { source: 'command-line' }
const program: Shape = {
  members: {
    ...calls({ returns: 'command.program' }, 'command', 'option', 'requiredOption', 'argument', 'arguments', 'description', 'version', 'name', 'usage', 'alias', 'allowUnknownOption', 'addOption', 'addHelpText', 'parse', 'parseAsync', 'demandOption', 'demandCommand', 'strict', 'help', 'positional', 'options', 'scriptName', 'wrap', 'showHelpOnFail'),
    action: { call: { callbacks: [{ arg: 0, params: ['command.line', 'command.line', 'command.line'] }], returns: 'command.program' } },
    opts: { call: { returns: 'command.line' } },
    args: line,
    argv: line,
  },
}

/** Parsers of the command line. */
export const commandLine: LibraryModel = {
  modules: {
    commander: { ...program, members: { ...program.members, program: 'command.program', Command: { construct: { returns: 'command.program' } } } },
    yargs: { call: { returns: 'command.program' }, members: program.members! },
    minimist: { call: { returns: 'command.line' } },
    mri: { call: { returns: 'command.line' } },
    arg: { call: { returns: 'command.line' } },
    'yargs-parser': { call: { returns: 'command.line' } },
    cac: { call: { returns: 'command.program' } },
    meow: { call: { returns: { members: { input: line, flags: line } } } },
  },
  types: { 'command.program': program, 'command.line': line },
}
