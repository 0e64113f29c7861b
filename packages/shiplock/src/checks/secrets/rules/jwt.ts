import type { SecretRule } from '../secret-rule.ts'

export const jwt: SecretRule = {
  id: 'secrets/jwt',
  title: 'A signed JSON Web Token is written down',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-798',
  fix: 'Make the token void by changing what signed it, and hand tokens over at run time.',
  what: 'a JSON Web Token',
  keywords: ['eyj'],
  pattern: /(?<![\w-])(?<secret>eyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{20,1000})/g,
  shown: 3, isJwt: true,
}
