import type { SecretRule } from '../secret-rule.ts'

export const privateKey: SecretRule = {
  id: 'secrets/private-key',
  title: 'A private key lies in the tree',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-798',
  fix: 'Withdraw the key, make a new one outside of the repository, and take this one out of the history.',
  what: 'a private key',
  keywords: ['private key'],
  pattern: /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?<secret>(?:[\s"'`+,|]|\\[nr]|[\w-]{1,20}: [^\n]{0,80}\n){0,20}[A-Za-z0-9+/=]{40,76}(?:[\s"'`+,|]|\\[nr]|[A-Za-z0-9+/=]){0,20000})/g,
  isKey: true,
}
