import type { LibraryModel, Shape } from './shape.ts'

const given: Shape = { source: 'command-line' }
const parses: Shape = { call: { returns: given }, members: { parse: { call: { returns: given } }, argv: given, opts: { call: { returns: given } }, args: given, parseSync: { call: { returns: given } }, '*': { call: { returns: 'command-line.parser' } } } }

/** Libraries that take a command line apart. */
export const commandLines: LibraryModel = {
  modules: { minimist: { call: { returns: given } }, yargs: 'command-line.parser', 'yargs/yargs': { call: { returns: 'command-line.parser' } }, optimist: 'command-line.parser', commander: { ...parses, members: { ...parses.members, program: 'command-line.parser', Command: { construct: { returns: 'command-line.parser' } } } }, nopt: { call: { returns: given } }, meow: { call: { returns: { members: { flags: given, input: given } } } }, arg: { call: { returns: given } }, mri: { call: { returns: given } }, getopts: { call: { returns: given } } },
  types: { 'command-line.parser': parses },
}
