import { z } from 'zod'
import { defineCheck } from '../check.ts'
import { coreModuleName } from './rules/core-module-name.ts'
import { deprecated } from './rules/deprecated.ts'
import { httpSource } from './rules/http-source.ts'
import { installScript } from './rules/install-script.ts'
import { licence } from './rules/licence.ts'
import { malicious } from './rules/malicious.ts'
import { missingIntegrity } from './rules/missing-integrity.ts'
import { nonRegistrySource } from './rules/non-registry-source.ts'
import { outOfStep } from './rules/out-of-step.ts'
import { unreadable } from './rules/unreadable.ts'
import { vulnerable } from './rules/vulnerable.ts'

const options = z.strictObject({
  exclude: z
    .array(z.string().min(1))
    .default(['**/node_modules/**', '**/fixtures/**', '**/__fixtures__/**', '**/testdata/**'])
    .describe('Globs of lock files that nobody installs from, such as those that tests read.'),
  dev: z.boolean().default(true).describe('Whether packages that only development needs are looked at.'),
  allowScripts: z.array(z.string().min(1)).default([]).describe('Names of packages that may have an install script.'),
  licences: z
    .array(z.string().min(1))
    .default([])
    .describe('SPDX identifiers of the licences that are allowed; any where it is empty. Lock files of npm alone tell licences.'),
  maxAgeDays: z.number().positive().default(7).describe('Oldest advisory data that is believed.'),
})

export type DependenciesOptions = z.output<typeof options>

export default defineCheck({
  id: 'dependencies',
  title: 'Dependencies',
  subject: 'tree',
  reads: () => ['**/{package-lock,npm-shrinkwrap,package}.json', '**/pnpm-lock.yaml', '**/yarn.lock', '**/bun.lock'],
  executes: false,
  options,
  rules: [vulnerable, malicious, outOfStep, nonRegistrySource, httpSource, missingIntegrity, installScript, deprecated, licence, coreModuleName, unreadable],
  timeoutMs: () => 60_000,
  tools: async (_context, { maxAgeDays }) => (await import('./advisory-data.ts')).versions(maxAgeDays),
  run: async (context) => (await import('./run.ts')).run(context),
})
