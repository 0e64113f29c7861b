import type { SecretRule } from '../secret-rule.ts'

export const githubToken: SecretRule = {
  id: 'secrets/github-token',
  title: 'A token of GitHub is written down',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-798',
  fix: 'Revoke the token on GitHub and read its successor from the environment.',
  what: 'a token of GitHub',
  keywords: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'],
  pattern: /(?<![A-Za-z0-9])(?<secret>gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})/g,
  shown: 4, isRandom: true,
}
