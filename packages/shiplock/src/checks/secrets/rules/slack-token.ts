import type { SecretRule } from '../secret-rule.ts'

export const slackToken: SecretRule = {
  id: 'secrets/slack-token',
  title: 'A token or webhook of Slack is written down',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-798',
  fix: 'Revoke it in the settings of the Slack app and read its successor from the environment.',
  what: 'a token of Slack',
  keywords: ['xox', 'xapp-', 'hooks.slack.com'],
  pattern: /(?<secret>(?:xox[abeoprs]|xapp)-(?:\d-)?[A-Za-z0-9-]{20,250})|hooks\.slack\.com\/services\/(?<webhook>T[A-Z0-9]{6,14}\/B[A-Z0-9]{6,14}\/[A-Za-z0-9]{20,30})/g,
  shown: 4, isRandom: true,
}
