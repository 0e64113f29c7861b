import { verify, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { data, Evaluator, Lexer, Parser } from '@actions/expressions'
import { githubIssuer } from './github-identity.ts'

const bootstrap = readFileSync(new URL('../../../../terraform/bootstrap/main.tf', import.meta.url), 'utf8')
const condition = /attribute_condition = "(.*)"/.exec(bootstrap)?.[1]
const deployment = /"attribute\.deployment" = "(.*)"/.exec(bootstrap)?.[1]
const readable = "(has(assertion.environment) ? assertion.environment : 'none') + '@' + assertion.ref"

/**
 * Whose token Workload Identity Federation takes for one account: GitHub's, signed for this provider, not run out, let in by the very
 * condition of `terraform/bootstrap`, which is read from there and evaluated, and of a deployment (`ENVIRONMENT@REF`) that the account
 * is bound to. What the condition uses of CEL (fields, `==`, `&&`, texts) GitHub's expressions have too, and mean the same by.
 */
export function takenTokens({ publicKey, provider, ownerId, repositoryId, boundTo }: { readonly publicKey: KeyObject; readonly provider: string; readonly ownerId: string; readonly repositoryId: string; readonly boundTo: readonly string[] }): (token: string) => boolean {
  if (condition === undefined || deployment !== readable) throw new Error('terraform/bootstrap says of the provider what this does not understand')
  const { tokens } = new Lexer(condition.replace('${var.repository_owner_id}', ownerId).replace('${var.repository_id}', repositoryId)).lex()
  const parsed = new Parser(tokens, ['assertion'], []).parse()
  return (token) => {
    const [head = '', body = '', signature = ''] = token.split('.')
    if (!verify('sha256', Buffer.from(`${head}.${body}`), publicKey, Buffer.from(signature, 'base64url'))) return false
    const assertion: Readonly<Record<string, unknown>> = JSON.parse(Buffer.from(body, 'base64url').toString())
    if (assertion['iss'] !== githubIssuer || assertion['aud'] !== `https://iam.googleapis.com/${provider}` || !(Number(assertion['exp']) > Date.now() / 1000)) return false
    const context: data.Dictionary = JSON.parse(JSON.stringify({ assertion }), data.reviver)
    return new Evaluator(parsed, context).evaluate().coerceString() === 'true' && boundTo.includes(`${String(assertion['environment'] ?? 'none')}@${String(assertion['ref'])}`)
  }
}
