import type { SecretRule } from '../secret-rule.ts'

export const npmrcAuthToken: SecretRule = {
  id: 'secrets/npmrc-auth-token',
  title: 'An .npmrc holds a credential',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-798',
  fix: 'Write `${NPM_TOKEN}` in its place and revoke the credential.',
  what: 'a credential of a registry',
  keywords: ['_auth', '_password'],
  pattern: /(?:^|[\s:])_(?:authToken|auth|password)\s{0,4}=\s{0,4}["']?(?<secret>[^\s"']{8,500})/gm,
  isIn: (path) => /(?:^|\/)\.?(?:npm|yarn)rc$/.test(path) || /\.npmrc/.test(path),
}
