import { posix } from 'node:path'
import { z } from 'zod'
import { defineCheck, globPattern, relativePath } from '../check.ts'
import { config } from './rules/config.ts'
import { error } from './rules/error.ts'

const options = z.strictObject({
  project: relativePath.default('tsconfig.json').describe('The tsconfig to check, relative to the root of the tree.'),
  reads: z
    .array(globPattern)
    .default(['**/*.{ts,mts,cts,tsx,js,mjs,cjs,jsx,json,vue,svelte,astro}', '**/.*/**/*.{ts,mts,cts,tsx}', '**/*.lock', '**/pnpm-lock.yaml'])
    .describe('Globs of the files that the compiler may read, from the root. Others are not there when it runs. Manifests and lock files stand for the declarations in node_modules.'),
  timeoutSeconds: z.number().int().positive().default(300).describe('How long the compiler may take.'),
})

export type TypesOptions = z.output<typeof options>

export default defineCheck({
  id: 'types',
  title: 'Types',
  subject: 'tree',
  reads: ({ reads }) => reads,
  executes: true,
  options,
  rules: [error, config],
  timeoutMs: ({ timeoutSeconds }) => timeoutSeconds * 1000,
  tools: async (context, { project }) => ({
    typescript: (await context.installed('typescript', posix.dirname(project)))?.version ?? 'not installed',
  }),
  run: async (context) => (await import('./run.ts')).run(context),
})
