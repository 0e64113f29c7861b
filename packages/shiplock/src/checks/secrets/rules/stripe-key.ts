import type { SecretRule } from '../secret-rule.ts'

export const stripeKey: SecretRule = {
  id: 'secrets/stripe-key',
  title: 'A live key of Stripe is written down',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-798',
  fix: 'Roll the key in the dashboard of Stripe and read its successor from the environment.',
  what: 'a live key of Stripe',
  keywords: ['_live_'],
  pattern: /(?<![A-Za-z0-9])(?<secret>[rs]k_live_[A-Za-z0-9]{20,247})/g,
  shown: 3, isRandom: true,
}
