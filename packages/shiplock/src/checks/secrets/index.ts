import { z } from 'zod'
import { defineCheck } from '../check.ts'
import { patterns } from './patterns.ts'
import { genericSecret } from './rules/generic-secret.ts'
import { serviceToken } from './rules/service-token.ts'
import { tooLarge } from './rules/too-large.ts'

const options = z.strictObject({
  exclude: z.array(z.string()).default([]).describe('Globs of files that are not looked at, such as fixtures that are documented as such.'),
  maxFileBytes: z.number().int().positive().default(2_097_152).describe('A larger text is not looked through; a finding says so.'),
})

export type SecretsOptions = z.output<typeof options>

export default defineCheck({
  id: 'secrets',
  title: 'Secrets',
  subject: 'tree',
  reads: () => ['**'],
  executes: false,
  options,
  rules: [...patterns, serviceToken, genericSecret, tooLarge],
  run: async (context) => (await import('./run.ts')).run(context),
})
