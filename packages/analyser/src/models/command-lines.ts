import type { LibraryModel, Shape } from './shape.ts'

/** What a parser gives back: the options themselves, or what has them. */
const given: Shape = { source: 'command-line', members: { opts: { call: { returns: 'command-line.given' } } } }
const gives: Shape = { call: { returns: 'command-line.given' } }
const parser: Shape = {
  call: { returns: 'command-line.given' },
  members: {
    parse: gives,
    parseSync: gives,
    parseAsync: gives,
    opts: gives,
    args: 'command-line.given',
    argv: 'command-line.given',
    action: { call: { callbacks: [{ arg: 0, params: ['command-line.given', 'command-line.given', 'command-line.given'] }], returns: 'command-line.parser' } },
    // `command('x').option('-a').description('…')`: all of them give the parser back.
    '*': { call: { returns: 'command-line.parser' } },
  },
}

/** Libraries that take a command line apart. */
export const commandLines: LibraryModel = {
  modules: {
    arg: gives,
    cac: { call: { returns: 'command-line.parser' } },
    commander: { ...parser, members: { ...parser.members, program: 'command-line.parser', Command: { construct: { returns: 'command-line.parser' } } } },
    getopts: gives,
    meow: { call: { returns: { members: { input: 'command-line.given', flags: 'command-line.given' } } } },
    minimist: gives,
    mri: gives,
    nopt: gives,
    optimist: 'command-line.parser',
    yargs: 'command-line.parser',
    'yargs-parser': gives,
    'yargs/yargs': { call: { returns: 'command-line.parser' } },
  },
  types: { 'command-line.parser': parser, 'command-line.given': given },
}
