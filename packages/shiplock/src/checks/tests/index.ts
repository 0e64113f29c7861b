import { z } from 'zod'
import { defineCheck, globPattern } from '../check.ts'
import { coverageBelowThreshold } from './rules/coverage-below-threshold.ts'
import { failure } from './rules/failure.ts'
import { noneRan } from './rules/none-ran.ts'
import { unreportedFailure } from './rules/unreported-failure.ts'

const relativePath = z
  .string()
  .regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\\\p{Cc}]+$/u, 'must be a path inside the repository: relative, with `/`, without `..`')
const percentage = z.number().min(0).max(100).optional()

const options = z.strictObject({
  directory: relativePath.default('.').describe('Folder of the package.json whose script is run, relative to the root.'),
  script: z.string().min(1).default('test').describe('Name of the script. Its `pre` and `post` scripts run with it, as npm does.'),
  network: z
    .enum(['none', 'host'])
    .default('none')
    .describe('`none`: the tests reach services that they start themselves on loopback and nothing else, where it can be enforced.'),
  report: relativePath
    .nullable()
    .default(null)
    .describe(
      'File that the script writes, JUnit XML or TAP, relative to `directory`. Needed only for a runner that Shiplock does not know.',
    ),
  coverage: z
    .strictObject({ lines: percentage, branches: percentage, functions: percentage })
    .default({})
    .describe(
      'Least percentages of `lines`, `branches` and `functions` that the tests must reach together. What is not given is not looked at.',
    ),
  reads: z
    .array(globPattern)
    .min(1)
    .default(['**'])
    .describe('Globs of the files that the tests depend on, from the root. Others are not there when they run.'),
  timeoutSeconds: z.number().int().positive().default(600).describe('How long the script may take. What was running then is named.'),
})

export type TestsOptions = z.output<typeof options>

export default defineCheck({
  id: 'tests',
  title: 'Tests',
  subject: 'tree',
  reads: ({ reads }) => reads,
  executes: true,
  options,
  rules: [failure, noneRan, unreportedFailure, coverageBelowThreshold],
  timeoutMs: ({ timeoutSeconds }) => timeoutSeconds * 1000,
  tools: async (context, { directory }) => (await import('./runner.ts')).runnerVersions(context, directory),
  run: async (context) => (await import('./run.ts')).run(context),
})
