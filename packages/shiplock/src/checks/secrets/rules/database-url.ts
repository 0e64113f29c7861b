import type { SecretRule } from '../secret-rule.ts'

export const databaseUrl: SecretRule = {
  id: 'secrets/database-url',
  title: 'The address of a database holds its password',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-798',
  fix: 'Change the password and read the address from the environment.',
  what: 'the password of a database',
  keywords: ['://'],
  pattern: /\b(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|mssql|sqlserver):\/\/[^\s:/@"'`<>]{0,100}:(?<secret>[^\s:/@"'`<>]{4,200})@(?<host>\[[0-9a-f:]+\]|[^\s/:"'`?,)<>]{1,253})/gi,
  isUrl: true,
}
