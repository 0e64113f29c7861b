import { sourcesOf, flag } from '../dockerfile.ts'
import type { Examine } from '../rule.ts'

const secretFile = new RegExp(
  [
    String.raw`(?:^|/)\.env(?:\.(?!(?:example|sample|template|dist|defaults?|test|testing|ci|vault|schema)$)[\w-]+)?\*?$`,
    String.raw`(?:^|/)id_(?:rsa|dsa|ecdsa|ed25519|\*)[*?]?$`,
    String.raw`(?:^|/)\.(?:netrc|pgpass|git-credentials|ssh|aws|gnupg|kube|azure)(?:/|$)`,
    String.raw`(?:^|/)(?:\.docker/config\.json|gcloud/application_default_credentials\.json)$`,
    String.raw`(?:^|/)(?:gcp|google|firebase|service)?[-_]?(?:service[-_]?account|credentials?|sa)[-_]?(?:key)?\.json$`,
    String.raw`\.(?:key|p12|pfx|jks|keystore|ppk)$`,
    String.raw`(?:^|[/_-])(?:priv(?:ate)?[-_]?key|server[-_]key|key)\.pem$`,
  ].join('|'),
  'i',
)

export const copiedSecret: Examine = function* ({ instructions, finalChain }) {
  for (const instruction of instructions) {
    if ((instruction.keyword !== 'COPY' && instruction.keyword !== 'ADD') || flag(instruction, 'from') !== undefined) continue
    const file = sourcesOf(instruction).find((source) => secretFile.test(source.replace(/\/$/, '')) && !/(?:^|[/._-])(?:public|pub|example|sample|test|tests|fixtures?|apk|apt|gpg|signing|trusted|keyrings?)(?:[/._-]|$)/i.test(source))
    if (file === undefined) continue
    const isShipped = instruction.stage !== undefined && finalChain.includes(instruction.stage)
    yield { message: `${file} is in ${isShipped ? 'the image' : 'a layer of the build'}: whoever has that can read it`, at: instruction.span, ...(!isShipped && { severity: 'medium' as const }) }
  }
}
