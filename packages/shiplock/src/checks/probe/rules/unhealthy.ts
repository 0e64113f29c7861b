import type { Rule } from '@shiplock/findings'

export const unhealthy: Rule = {
  id: 'probe/unhealthy',
  title: 'The service does not say that it is well',
  severity: 'high',
  confidence: 'high',
  fix: 'See in the log of the revision what the health check misses; it may be the database or another service that it asks.',
}
