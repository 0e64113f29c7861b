import { z } from 'zod'
import { isMadeUp, isRegular } from './placeholder.ts'
import type { Hit } from './hit.ts'
import { serviceToken } from './rules/service-token.ts'
import { serviceShapes } from './service-shapes.ts'

/** Which of secretlint's rules are asked, and what each is called; the other services have rules of their own here. */
const services: Readonly<Record<string, string>> = {
  '1password': '1Password',
  cloudflare: 'Cloudflare',
  databricks: 'Databricks',
  docker: 'Docker Hub',
  figma: 'Figma',
  grafana: 'Grafana',
  groq: 'Groq',
  'hashicorp-vault': 'HashiCorp Vault',
  huggingface: 'Hugging Face',
  linear: 'Linear',
  notion: 'Notion',
  sendgrid: 'SendGrid',
  shopify: 'Shopify',
  tailscale: 'Tailscale',
  vercel: 'Vercel',
}

/** Whether secretlint is worth asking: it takes longer for a file than everything else here together. */
export const mayHold = /SG\.[\w-]{16}|shp(?:at|pa|ss|ca|ua|tka)_[0-9a-f]{16}|hf_[A-Za-z]{24}|gsk_\w{24}|lin_(?:api|oauth)_\w{16}|ntn_\w{20}|secret_[A-Za-z0-9]{40}|gl(?:c|sa)_[\w+/=]{24}|ops_eyJ|hv[sbr]\.[\w-]{20}|vc[a-z]_\w{20}|dapi[0-9a-f]{20}|dckr_[a-z]{2,4}_[\w-]{16}|figd_[\w-]{16}|cf[a-z]{1,3}_\w{20}|tskey-\w/

/** What `mayHold` begins with, as `serviceShapes` has it. */
const marks = serviceShapes.filter(({ service }) => Object.values(services).includes(service)).flatMap(({ markers }) => markers)

// Only what is read of a message: the library's own text may hold the secret.
const messages = z.array(z.object({ ruleId: z.string(), range: z.tuple([z.number(), z.number()]) }))

/** Tokens of the services that secretlint's recommended rules know. */
export async function findServiceTokens(path: string, text: string, markers: ReadonlySet<string>): Promise<Hit[]> {
  if (!marks.some((mark) => markers.has(mark)) || !mayHold.test(text)) return []
  const [{ lintSource }, { creator, rules }] = await Promise.all([import('@secretlint/core'), import('@secretlint/secretlint-rule-preset-recommend')])
  const others = rules.map(({ meta }) => meta.id).filter((id) => serviceOf(id) === undefined)
  const { messages: found } = await lintSource({
    // Its own comments that switch it off are not ours to follow: as many characters, and no such comment.
    source: { filePath: path, content: text.replaceAll('secretlint-', 'secretlint_'), contentType: 'text', ext: '' },
    options: { noPhysicFilePath: true, maskSecrets: true, config: { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator, rules: others.map((id) => ({ id, disabled: true })) }] } },
  })
  return messages.parse(found).flatMap(({ ruleId, range: [start, end] }) => {
    const secret = text.slice(start, end)
    const service = serviceOf(ruleId)
    if (service === undefined || isMadeUp(secret) || isRegular(secret)) return []
    return [{ rule: serviceToken, what: `a token of ${service}`, start, end, shown: 0, secret, isDrawn: true }]
  })
}

const serviceOf = (ruleId: string): string | undefined => services[ruleId.replace('@secretlint/secretlint-rule-', '')]
