/** Makes numbers that look random and are the same in every run (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const digits = '0123456789'
const lower = 'abcdefghijklmnopqrstuvwxyz'
const upper = lower.toUpperCase()
const hexadecimal = '0123456789abcdef'
const alphanumeric = digits + lower + upper
const base64 = `${alphanumeric}+/`
const base64url = `${alphanumeric}-_`
const base32 = `${upper}234567`

export interface Provider {
  readonly name: string
  /** How a variable for it is called. */
  readonly variable: string
  readonly make: (pick: (alphabet: string, length: number) => string) => string
}

const provider = (name: string, variable: string, make: Provider['make']): Provider => ({ name, variable, make })

/**
 * What services hand out, by their documentation and what they publish for scanners; every part that is not random is in
 * pieces here or stands before a call, so that this file holds no token.
 */
export const providers: readonly Provider[] = [
  provider('Airtable', 'AIRTABLE_TOKEN', (pick) => `pat${pick(alphanumeric, 14)}.${pick(hexadecimal, 64)}`),
  provider('Anthropic', 'ANTHROPIC_API_KEY', (pick) => `sk-ant-api03-${pick(base64url, 93)}AA`),
  provider('Atlassian', 'JIRA_API_TOKEN', (pick) => `ATATT3xFfGF0${pick(base64url, 171)}=${pick(digits + 'ABCDEF', 8)}`),
  provider('AWS access key ID', 'AWS_ACCESS_KEY_ID', (pick) => `AKIA${pick(base32, 16)}`),
  provider('AWS secret key', 'AWS_SECRET_ACCESS_KEY', (pick) => pick(base64, 40)),
  provider('Azure client secret', 'AZURE_CLIENT_SECRET', (pick) => `${pick(alphanumeric, 3)}8Q~${pick(`${alphanumeric}-_.`, 34)}`),
  provider('Azure storage', 'AZURE_STORAGE_CONNECTION_STRING', (pick) => `DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=${pick(base64, 86)}==;EndpointSuffix=core.windows.net`),
  provider('Brevo', 'BREVO_API_KEY', (pick) => `xkeysib-${pick(hexadecimal, 64)}-${pick(alphanumeric, 16)}`),
  provider('CircleCI', 'CIRCLE_TOKEN', (pick) => `CCIPAT_${pick(alphanumeric, 22)}_${pick(hexadecimal, 40)}`),
  provider('Cloudflare global key', 'CLOUDFLARE_API_KEY', (pick) => pick(hexadecimal, 37)),
  provider('Databricks', 'DATABRICKS_TOKEN', (pick) => `dapi${pick(hexadecimal, 32)}`),
  provider('Datadog', 'DD_API_KEY', (pick) => pick(hexadecimal, 32)),
  provider('DigitalOcean', 'DIGITALOCEAN_TOKEN', (pick) => `dop_v1_${pick(hexadecimal, 64)}`),
  provider('Discord bot', 'DISCORD_TOKEN', (pick) => `M${pick(alphanumeric, 23)}.${pick(base64url, 6)}.${pick(base64url, 38)}`),
  provider('Docker Hub', 'DOCKERHUB_TOKEN', (pick) => `dckr_pat_${pick(base64url, 27)}`),
  provider('Figma', 'FIGMA_TOKEN', (pick) => `figd_${pick(base64url, 40)}`),
  provider('GitHub', 'GITHUB_TOKEN', (pick) => `ghp_${pick(alphanumeric, 36)}`),
  provider('GitHub, fine-grained', 'GH_TOKEN', (pick) => `github_pat_${pick(alphanumeric, 22)}_${pick(alphanumeric, 59)}`),
  provider('GitLab', 'GITLAB_TOKEN', (pick) => `glpat-${pick(base64url, 20)}`),
  provider('Google API', 'GOOGLE_MAPS_KEY', (pick) => `AIza${pick(base64url, 35)}`),
  provider('Google OAuth', 'GOOGLE_CLIENT_SECRET', (pick) => `GOCSPX-${pick(base64url, 28)}`),
  provider('Grafana', 'GRAFANA_TOKEN', (pick) => `glsa_${pick(alphanumeric, 32)}_${pick(hexadecimal, 8)}`),
  provider('Groq', 'GROQ_API_KEY', (pick) => `gsk_${pick(alphanumeric, 52)}`),
  provider('HashiCorp Vault', 'VAULT_TOKEN', (pick) => `hvs.${pick(base64url, 95)}`),
  provider('Hugging Face', 'HF_TOKEN', (pick) => `hf_${pick(lower + upper, 34)}`),
  provider('Linear', 'LINEAR_API_KEY', (pick) => `lin_api_${pick(alphanumeric, 40)}`),
  provider('Mailchimp', 'MAILCHIMP_API_KEY', (pick) => `${pick(hexadecimal, 32)}-us17`),
  provider('Mailgun', 'MAILGUN_API_KEY', (pick) => `key-${pick(hexadecimal, 32)}`),
  provider('New Relic', 'NEW_RELIC_API_KEY', (pick) => `NRAK-${pick(upper + digits, 27)}`),
  provider('Notion', 'NOTION_TOKEN', (pick) => `ntn_${pick(digits, 11)}${pick(alphanumeric, 35)}`),
  provider('npm', 'NPM_TOKEN', (pick) => `npm_${pick(alphanumeric, 36)}`),
  provider('OpenAI', 'OPENAI_API_KEY', (pick) => `sk-proj-${pick(base64url, 74)}${'T3Blbk'}FJ${pick(base64url, 74)}`),
  provider('PlanetScale', 'PLANETSCALE_TOKEN', (pick) => `pscale_tkn_${pick(base64url, 43)}`),
  provider('Postman', 'POSTMAN_API_KEY', (pick) => `PMAK-${pick(hexadecimal, 24)}-${pick(hexadecimal, 34)}`),
  provider('PyPI', 'TWINE_PASSWORD', (pick) => `pypi-AgEIcHlwaS5vcmc${pick(base64url, 140)}`),
  provider('SendGrid', 'SENDGRID_API_KEY', (pick) => `SG.${pick(base64url, 22)}.${pick(base64url, 43)}`),
  provider('Sentry', 'SENTRY_AUTH_TOKEN', (pick) => `sntryu_${pick(hexadecimal, 64)}`),
  provider('Shopify', 'SHOPIFY_ACCESS_TOKEN', (pick) => `shpat_${pick(hexadecimal, 32)}`),
  provider('Slack bot', 'SLACK_BOT_TOKEN', (pick) => `xoxb-${pick(digits, 12)}-${pick(digits, 13)}-${pick(alphanumeric, 24)}`),
  provider('Slack app', 'SLACK_APP_TOKEN', (pick) => `xapp-1-A0${pick(upper + digits, 9)}-${pick(digits, 13)}-${pick(hexadecimal, 64)}`),
  provider('Slack webhook', 'SLACK_WEBHOOK', (pick) => `https://hooks.slack.com/services/T0${pick(upper + digits, 9)}/B0${pick(upper + digits, 9)}/${pick(alphanumeric, 24)}`),
  provider('Square', 'SQUARE_ACCESS_TOKEN', (pick) => `EAAA${pick(base64url, 60)}`),
  provider('Stripe', 'STRIPE_SECRET_KEY', (pick) => `sk_live_${pick(alphanumeric, 99)}`),
  provider('Supabase', 'SUPABASE_ACCESS_TOKEN', (pick) => `sbp_${pick(hexadecimal, 40)}`),
  provider('Tailscale', 'TS_AUTHKEY', (pick) => `tskey-auth-k${pick(alphanumeric, 10)}CNTRL-${pick(alphanumeric, 32)}`),
  provider('Telegram', 'TELEGRAM_BOT_TOKEN', (pick) => `${pick('123456789', 10)}:AA${pick(base64url, 33)}`),
  provider('Terraform Cloud', 'TFE_TOKEN', (pick) => `${pick(alphanumeric, 14)}.atlasv1.${pick(alphanumeric, 67)}`),
  provider('Twilio', 'TWILIO_AUTH_TOKEN', (pick) => pick(hexadecimal, 32)),
  provider('database URL', 'DATABASE_URL', (pick) => `postgres://shop:${pick(alphanumeric, 18)}@db.shop.io:5432/shop`),
  provider('session secret, base64', 'SESSION_SECRET', (pick) => `${pick(base64, 43)}=`),
  provider('session secret, hexadecimal', 'JWT_SECRET', (pick) => pick(hexadecimal, 64)),
  provider('password with signs', 'DB_PASSWORD', (pick) => `${pick(alphanumeric, 7)}#${pick(alphanumeric, 5)}!${pick(alphanumeric, 8)}`),
]

export interface Context {
  readonly name: string
  readonly path: string
  readonly write: (provider: Provider, secret: string) => string
}

const camel = (variable: string) => variable.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())

export const contexts: readonly Context[] = [
  { name: '.env', path: '.env', write: ({ variable }, secret) => `NODE_ENV=production\nPORT=8080\n${variable}=${secret}\nLOG_LEVEL=info\n` },
  { name: 'JSON', path: 'settings.json', write: ({ variable }, secret) => `${JSON.stringify({ port: 8080, [camel(variable)]: secret, region: 'europe-west3' }, null, 2)}\n` },
  { name: 'YAML', path: 'values.yaml', write: ({ variable }, secret) => `service:\n  env:\n    - name: ${variable}\n      value: "${secret}"\n    - name: PORT\n      value: "8080"\n` },
  { name: 'TypeScript', path: 'client.ts', write: ({ variable }, secret) => `import { Client } from './lib.ts'\n\nexport const client = new Client({ region: 'eu', ${camel(variable)}: '${secret}' })\n` },
  { name: 'URL', path: 'fetch.sh', write: (_, secret) => `#!/bin/sh\ncurl --fail "https://api.shop.io/v1/orders?limit=10&access_token=${secret}"\n` },
  { name: 'header', path: 'call.ts', write: (_, secret) => `await fetch('https://api.shop.io/v1/orders', {\n  headers: { Authorization: 'Bearer ${secret}', Accept: 'application/json' },\n})\n` },
]

export const picker = (random: () => number) => (alphabet: string, length: number) => Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('')
