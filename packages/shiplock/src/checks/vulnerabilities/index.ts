import { z } from 'zod'
import { defineCheck } from '../check.ts'
import { endOfLife } from './rules/end-of-life.ts'
import { fixableUpdate } from './rules/fixable-update.ts'
import { malicious } from './rules/malicious.ts'
import { notMatched } from './rules/not-matched.ts'
import { unreadable } from './rules/unreadable.ts'
import { vulnerable } from './rules/vulnerable.ts'

const options = z.strictObject({
  maxAgeDays: z.number().positive().default(7).describe('Oldest advisory data that is believed.'),
})

export type VulnerabilitiesOptions = z.output<typeof options>

export default defineCheck({
  id: 'vulnerabilities',
  title: 'Vulnerabilities of the image',
  commentSign: 'none',
  subject: 'image',
  reads: () => [],
  executes: false,
  options,
  rules: [vulnerable, malicious, endOfLife, fixableUpdate, notMatched, unreadable],
  timeoutMs: () => 60_000,
  tools: async (_, { maxAgeDays }) => (await import('./run.ts')).versions(maxAgeDays),
  run: async (context) => (await import('./run.ts')).run(context),
})
