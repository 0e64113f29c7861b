import type { FindingDraft } from '@shiplock/findings'
import { isObject, type Manifests } from './manifests.ts'
import { hookSkipsTls } from './rules/hook-skips-tls.ts'
import { npmrcSkipsTls } from './rules/npmrc-skips-tls.ts'
import { finding, isSample, textOf, type Tree } from './tree.ts'

const settings = /^\s*(?:strict-ssl\s*=\s*["']?false["']?|strict-ssl\s+false|enableStrictSsl\s*:\s*["']?false["']?|strictSsl\s*:\s*false)\s*$/
const commands = /\bNODE_TLS_REJECT_UNAUTHORIZED=["']?0\b|\bGIT_SSL_NO_VERIFY=["']?(?:1|true)\b|\bhttp\.sslVerify[= ]["']?false\b|\bstrict-ssl[= ]["']?false\b/i

export async function findSkippedTls(tree: Tree, manifests: Manifests): Promise<FindingDraft[]> {
  const findings: FindingDraft[] = []
  for (const path of tree.paths) {
    const isSettings = /(?:^|\/)\.(?:npmrc|yarnrc(?:\.yml)?)$/.test(path)
    if ((!isSettings && !/^\.(?:husky|githooks|lefthook)\//.test(path)) || isSample(path)) continue
    const lines = ((await textOf(tree, path)) ?? '').split(/\r?\n/)
    const index = lines.findIndex((line) => (isSettings ? settings.test(line) : !/^\s*#/.test(line) && commands.test(line)))
    if (index !== -1) findings.push(finding(isSettings ? npmrcSkipsTls : hookSkipsTls, isSettings ? 'certificates of registries are not verified' : 'certificates are not verified', path, index + 1))
  }
  for (const [path, { scripts }] of manifests) {
    const script = Object.entries(isObject(scripts) ? scripts : {}).find(([, command]) => typeof command === 'string' && commands.test(command))
    if (script) findings.push(finding(hookSkipsTls, `the script ${JSON.stringify(script[0])} does not verify certificates`, path))
  }
  return findings
}
