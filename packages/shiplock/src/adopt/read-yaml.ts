import { parseDocument } from 'yaml'

/** The values of a YAML document of the repository; throws where it is none. Aliases are bounded: ten lines of them could fill the memory. */
export function readYaml(text: string): unknown {
  const document = parseDocument(text, { logLevel: 'silent', prettyErrors: false })
  const [error] = document.errors
  if (error) throw error
  return document.toJS({ maxAliasCount: 10 })
}
