import { posix } from 'node:path'
import type { FindingDraft } from '@shiplock/findings'
import { envFile } from './rules/env-file.ts'
import { keyFile } from './rules/key-file.ts'
import { linkLeadsOut } from './rules/link-leads-out.ts'
import { baseName, finding, folderOf, isSample, type Tree } from './tree.ts'

const environment = /^\.env(?:\.[\w.-]+)?$/
/** Made to be committed. */
const withoutSecrets = /\.(?:example|sample|template|tpl|dist|defaults?|schema|test|ci|vault)(?:\.|$)/

const key = /^(?:id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|\.netrc|_netrc|\.htpasswd|\.pgpass|\.git-credentials|application_default_credentials\.json|[\w.-]+\.(?:p12|pfx|jks|keystore|ppk|kdbx|tfstate(?:\.backup)?))$/

export function findByName(tree: Tree): FindingDraft[] {
  return tree.paths.flatMap((path) => {
    if (isSample(path)) return []
    const name = baseName(path)
    if (environment.test(name) && !withoutSecrets.test(name)) return [finding(envFile, `${name} is in the repository`, path)]
    if (key.test(name)) return [finding(keyFile, `${name} is in the repository`, path)]
    return []
  })
}

export async function findLinksOut(tree: Tree): Promise<FindingDraft[]> {
  const findings: FindingDraft[] = []
  for (const path of tree.paths) {
    if (!tree.isLink(path)) continue
    const target = await tree.text(path)
    const leadsTo = posix.normalize(posix.join(folderOf(path), target.replaceAll('\\', '/')))
    if (/^(?:\/|[A-Za-z]:|\\\\)/.test(target) || leadsTo === '..' || leadsTo.startsWith('../')) findings.push(finding(linkLeadsOut, `leads to ${JSON.stringify(target)}, out of the repository`, path))
  }
  return findings
}
