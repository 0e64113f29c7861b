import { posix } from 'node:path'
import { z } from 'zod'
import { defineCheck, relativePath } from '../check.ts'
import { error } from './rules/error.ts'
import { typeAware } from './rules/type-aware.ts'
import { unparsable } from './rules/unparsable.ts'
import { warning } from './rules/warning.ts'

const options = z.strictObject({
  directory: relativePath.default('.').describe('Folder that is linted, relative to the root; what configures it may be above.'),
  linter: z
    .enum(['auto', 'oxlint', 'eslint', 'biome'])
    .default('auto')
    .describe('Which linter: `auto` is every one that the repository has a configuration of, and oxlint where it has none.'),
  typeAware: z
    .boolean()
    .default(true)
    .describe('Whether oxlint also runs its rules that need types. Without a tsconfig.json they never run.'),
  // The rules that seldom object to code that is meant as it is.
  typeAwareRules: z
    .array(z.string().regex(/^[a-z-]+$/, 'a rule of typescript-eslint, without its prefix'))
    .default([
      'await-thenable',
      'no-array-delete',
      'no-floating-promises',
      'no-for-in-array',
      'no-implied-eval',
      'no-misused-promises',
      'only-throw-error',
      'restrict-plus-operands',
    ])
    .describe('The rules of oxlint-tsgolint to run, named as typescript-eslint names them.'),
  timeoutSeconds: z.number().int().positive().default(120).describe('How long a linter may take.'),
})

export type LintOptions = z.output<typeof options>

const sources = '{js,mjs,cjs,jsx,ts,mts,cts,tsx,vue,svelte,astro}'
/** What ESLint and Biome lint beside sources, and what configures a linter or its plugins. */
const others = '{json,jsonc,json5,css,graphql,gql,html,md,mdx,yml,yaml}'

const readsBelow = (folder: string) => [
  `${folder}**/*.${sources}`,
  `${folder}**/.*/**/*.${sources}`,
  `${folder}**/*.${others}`,
  `${folder}**/.oxlintrc.json*`,
  `${folder}**/.eslintrc*`,
  `${folder}**/.biome.json*`,
  `${folder}**/.{eslint,git}ignore`,
  `${folder}**/*.lock`,
]

export default defineCheck({
  id: 'lint',
  title: 'Lint',
  subject: 'tree',
  // `**` does not descend into hidden directories where a check may run code of the repository.
  reads: ({ directory, typeAware }) => [...readsBelow(directory === '.' ? '' : `${posix.normalize(directory)}/`), ...(typeAware ? [`**/*.${sources}`, '**/tsconfig*.json'] : []), `*.${others}`, '.oxlintrc.json*', '*.config.*', '.{eslint,git}ignore', '*.lock'],
  executes: async (context, { linter }) => (await import('./linter.ts')).runsRepositoryCode(context, linter),
  options,
  rules: [error, warning, typeAware, unparsable],
  timeoutMs: ({ timeoutSeconds }) => timeoutSeconds * 1000,
  tools: async (context, { linter }) => (await import('./linter.ts')).linterVersions(context, linter),
  mend: async (context, paths) => (await import('./run.ts')).mend(context, paths),
  run: async (context) => (await import('./run.ts')).run(context),
})
