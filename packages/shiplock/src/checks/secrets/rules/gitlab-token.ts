import type { SecretRule } from '../secret-rule.ts'

export const gitlabToken: SecretRule = {
  id: 'secrets/gitlab-token',
  title: 'A token of GitLab is written down',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-798',
  fix: 'Revoke the token on GitLab and read its successor from the environment.',
  what: 'a token of GitLab',
  keywords: ['glpat-', 'gldt-', 'glrt-', 'glcbt-', 'glptt-'],
  pattern: /(?<![A-Za-z0-9])(?<secret>gl(?:pat|dt|rt|cbt|ptt)-[\w-]{20,100})/g,
  shown: 2, isRandom: true,
}
