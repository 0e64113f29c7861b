import type { SecretRule } from '../secret-rule.ts'

export const basicAuthUrl: SecretRule = {
  id: 'secrets/basic-auth-url',
  title: 'An address holds a password',
  severity: 'high',
  confidence: 'medium',
  cwe: 'CWE-798',
  fix: 'Change the password and hand it over apart from the address.',
  what: 'a password',
  keywords: ['://'],
  pattern: /\b(?:https?|ftps?|sftp|ssh|git(?:\+https?)?):\/\/[^\s:/@"'`<>]{1,100}:(?<secret>[^\s:/@"'`<>]{4,200})@(?<host>\[[0-9a-f:]+\]|[^\s/:"'`?,)<>]{1,253})/gi,
  isUrl: true,
}
