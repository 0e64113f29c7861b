import { edgeKinds } from '../model/file-model.ts'
import type { Program } from './program.ts'

const secretName = /(?:^|_)(?:password|passwd|passphrase|(?<=_)pwd|secret|secret_?key|client_?secret|api_?key|api_?secret|private_?key|access_?key|(?:access|auth|refresh|bearer|session|api|jwt|oauth|npm|github|id)_?token|authorization|credit_?card|card_?number|cvv|ssn)$/
const secretVariable = /(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|SECRET_?KEY|PRIVATE_?KEY|ACCESS_?KEY|CREDENTIALS?)$/

/** Whether a field, variable or environment variable of that name holds something secret, and not its hash, length or label. */
export const isSecretName = (name: string): boolean => secretVariable.test(name) || secretName.test(name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase())

const masking = /mask|redact|hide|hash|encrypt|cipher|obfuscat|saniti[sz]|censor|scrub|digest|strip|omit|filter|replace_?info|sign|fingerprint|verify|compare/i

/** What a call of such a name gives back does not tell the secret any more. */
export const isMasking = (name: string): boolean => masking.test(name)

/** Values that are secret by the name of their field or parameter, and stacks of errors. */
export function tellingNodes({ files, bases, functions }: Program): { readonly secrets: number[]; readonly stacks: number[] } {
  const secrets: number[] = []
  const stacks: number[] = []
  for (const [index, { edges, fields, developmentOnly }] of files.entries()) {
    const base = bases[index]!
    const isSecret = fields.map(isSecretName)
    const stack = fields.indexOf('stack')
    const inDevelopment = new Set(developmentOnly)
    for (let at = 0; at < edges.length; at += 4) {
      if (edges[at + 2] !== edgeKinds.load) continue
      const field = edges[at + 3]!
      const node = edges[at + 1]!
      if (isSecret[field]) secrets.push(node + base)
      else if (field === stack && !inDevelopment.has(node)) stacks.push(node + base)
    }
  }
  for (const { params, paramNames } of functions) for (const [index, name] of paramNames.entries()) if (name && isSecretName(name)) secrets.push(params[index]!)
  return { secrets, stacks }
}

const levels = new Set(['log', 'info', 'warn', 'error', 'debug', 'trace', 'verbose', 'silly', 'fatal', 'notice', 'http'])
const loggerName = /^_?(?:log|logger|logging)$/i

/** Calls that write a log by the name of what they are methods of: `log.info(…)`, `this.logger.debug(…)`. */
export function logCalls({ files, bases, calls }: Program): number[] {
  const loggers = new Set<number>()
  for (const [index, { names, edges, fields }] of files.entries()) {
    const base = bases[index]!
    for (const [node, name] of names) if (loggerName.test(name)) loggers.add(node + base)
    const isLogger = fields.map((name) => loggerName.test(name))
    for (let at = 0; at < edges.length; at += 4) if (edges[at + 2] === edgeKinds.load && isLogger[edges[at + 3]!]) loggers.add(edges[at + 1]! + base)
  }
  return [...calls.keys()].filter((index) => levels.has(calls[index]!.name) && loggers.has(calls[index]!.receiver))
}
