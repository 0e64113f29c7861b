import type { SecretRule } from '../secret-rule.ts'

export const npmToken: SecretRule = {
  id: 'secrets/npm-token',
  title: 'A token of the npm registry is written down',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-798',
  fix: 'Revoke the token with `npm token revoke` and publish with OIDC.',
  what: 'a token of the npm registry',
  keywords: ['npm_'],
  pattern: /(?<![A-Za-z0-9])(?<secret>npm_[A-Za-z0-9]{36})(?![A-Za-z0-9])/g,
  shown: 4, isRandom: true,
}
