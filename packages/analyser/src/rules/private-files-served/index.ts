import { readerOf, type Reader } from '../../flow/reading.ts'
import { atCall } from '../match.ts'
import { registered } from '../permissive-cors/index.ts'
import { edgeKinds } from '../../model/file-model.ts'
import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/private-files-served',
  alias: 'SL224',
  title: 'Files that are not meant for the public are served',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-552',
  alsoCwe: ['CWE-200', 'CWE-219', 'CWE-548'],
  fix: 'Serve a directory that holds nothing else than what is public',
  find: (analysis) => {
    const reader = readerOf(analysis)
    const why = (paths: readonly string[]) => {
      for (const path of paths) {
        if (/(?:^|\/)node_modules\/?$/.test(path)) return 'All packages are served: their `package.json` files hold paths of this machine and say which versions have known flaws'
        if (/^(?:\.|\0|~|\/|\.\.|\0\/\.\.?)\/?$/.test(path)) return 'The directory of the code is served, with its sources, configuration and keys'
      }
      return undefined
    }
    return [
      ...reader.callsTo('express.static').flatMap((call) => {
        const reason = why(pathsOf(reader, call.args[0]))
        return reason === undefined ? [] : [atCall(call, reason)]
      }),
      ...registered(reader, 'fastify-static').flatMap((call) => {
        const roots = reader.read(call.args[1], 'root')
        const reason = why([...roots.constants.map(({ value }) => String(value)), ...roots.calls.flatMap((index) => pathsOf(reader, reader.program.calls[index]!.result))])
        return reason === undefined ? [] : [atCall(call, reason)]
      }),
    ]
  },
})

/** Paths that a value may be; `\0` stands for the directory of the file, of the process or of the user. */
function pathsOf(reader: Reader, node: number | undefined, depth = 0): string[] {
  if (node === undefined || depth > 3) return []
  if (reader.isGlobal('__dirname', node)) return ['\0']
  const { constants, calls } = reader.read(node)
  const paths = constants.flatMap(({ value }) => (typeof value === 'string' ? value : []))
  for (const from of reader.origins(node, ({ kind }) => kind === edgeKinds.copy)) if (from !== node && reader.isGlobal('__dirname', from)) paths.push('\0')
  for (const index of calls) {
    const call = reader.program.calls[index]!
    const apis = reader.apisOf(call)
    if (apis.includes('process.cwd') || apis.includes('os.homedir')) paths.push('\0')
    else if (apis.includes('path.join') || apis.includes('path.resolve')) {
      const parts = call.args.map((argument) => pathsOf(reader, argument, depth + 1)[0])
      if (parts.every((part) => part !== undefined)) paths.push(parts.join('/').replace(/(?<=.)\/\.?(?=\/|$)/g, '') || '.')
    }
  }
  return paths
}
