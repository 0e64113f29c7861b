import { z } from 'zod'
import { defineCheck, globPattern } from '../check.ts'
import { rules } from './rules.ts'

const options = z.strictObject({
  exclude: z.array(globPattern).default([]).describe('Globs of files to leave out, from the root of the tree.'),
  firstParty: z
    .array(z.string().regex(/^[a-z\d](?:[a-z\d-]*[a-z\d])?$/, 'the name of a user or an organisation at GitHub, in lower case'))
    .default(['actions', 'github'])
    .describe('Owners whose actions by tag are a finding of low severity: GitHub, and perhaps your own organisation.'),
})

const yaml = '{[yY][mM][lL],[yY][aA][mM][lL]}'

export default defineCheck({
  id: 'workflows',
  title: 'GitHub workflows',
  commentSign: '#',
  subject: 'tree',
  // In any case: GitHub says nothing of it, and a runner with Windows or macOS takes one for the other.
  reads: () => [`.github/workflows/*.${yaml}`, `**/[aA][cC][tT][iI][oO][nN].${yaml}`],
  executes: false,
  hasEdits: true,
  options,
  rules,
  timeoutMs: () => 60_000,
  run: async (context) => (await import('./run.ts')).run(context),
})
