import { z } from 'zod'
import { defineCheck, globPattern } from '../check.ts'
import { patterns } from './patterns.ts'
import { genericSecret } from './rules/generic-secret.ts'
import { historyCut } from './rules/history-cut.ts'
import { serviceToken } from './rules/service-token.ts'
import { tooLarge } from './rules/too-large.ts'

const options = z.strictObject({
  exclude: z.array(globPattern).default([]).describe('Globs of files that are not looked at, such as fixtures that are documented as such.'),
  history: z.boolean().default(false).describe('Whether the history is looked through as well, as with `--history`: all that any ref reaches, or the commits of the change that is judged.'),
  maxFileBytes: z.number().int().positive().default(2_097_152).describe('A larger text is not looked through; a finding says so.'),
})

export type SecretsOptions = z.output<typeof options>

export default defineCheck({
  id: 'secrets',
  title: 'Secrets',
  subject: 'tree',
  isBaselinedByName: true,
  reads: () => ['**'],
  readsHistory: ({ history }) => history,
  executes: false,
  options,
  rules: [...patterns, serviceToken, genericSecret, tooLarge, historyCut],
  run: async (context) => (await import('./run.ts')).run(context),
})
