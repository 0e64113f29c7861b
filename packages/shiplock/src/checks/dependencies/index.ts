import { z } from 'zod'
import { defineCheck, globPattern } from '../check.ts'
import { confusableName } from './rules/confusable-name.ts'
import { coreModuleName } from './rules/core-module-name.ts'
import { deprecated } from './rules/deprecated.ts'
import { httpSource } from './rules/http-source.ts'
import { installScript } from './rules/install-script.ts'
import { licence } from './rules/licence.ts'
import { licenceUnknown } from './rules/licence-unknown.ts'
import { lockFileMissing } from './rules/lock-file-missing.ts'
import { malicious } from './rules/malicious.ts'
import { missingIntegrity } from './rules/missing-integrity.ts'
import { nonRegistrySource } from './rules/non-registry-source.ts'
import { otherArchive } from './rules/other-archive.ts'
import { otherRegistry } from './rules/other-registry.ts'
import { outOfStep } from './rules/out-of-step.ts'
import { unreadable } from './rules/unreadable.ts'
import { vulnerable } from './rules/vulnerable.ts'
import { weakIntegrity } from './rules/weak-integrity.ts'

const options = z.strictObject({
  exclude: z
    .array(globPattern)
    .default(['**/node_modules/**', '**/fixtures/**', '**/__fixtures__/**', '**/testdata/**'])
    .describe('Globs of lock files that nobody installs from, such as those that tests read.'),
  dev: z.boolean().default(true).describe('Whether packages that only development needs are looked at.'),
  allowScripts: z.array(z.string().min(1)).default([]).describe('Names of packages that may have an install script.'),
  licences: z
    .array(z.string().min(1))
    .default([])
    .describe('SPDX identifiers of the licences that are allowed; any where it is empty.'),
  deniedLicences: z.array(z.string().min(1)).default([]).describe('SPDX identifiers of the licences that are not allowed, whatever `licences` says.'),
  allowNames: z.array(z.string().min(1)).default([]).describe('Names of packages that are meant though they could be mistaken for others.'),
  registries: z.array(z.string().regex(/^[^/\s]+$/, { error: 'must be a host, such as `registry.example.com`' })).default([]).describe('Hosts that packages may come from. Where it is empty, those that most packages of the lock file come from, and those that the configuration of the package manager names.'),
  maxAgeDays: z.number().positive().default(7).describe('Oldest advisory data that is believed.'),
})

export type DependenciesOptions = z.output<typeof options>

export default defineCheck({
  id: 'dependencies',
  title: 'Dependencies',
  commentSign: 'none',
  subject: 'tree',
  reads: () => ['**/{package-lock,npm-shrinkwrap,package}.json', '**/pnpm-lock.yaml', '**/yarn.lock', '**/bun.lock{,b}', '**/.npmrc', '**/.yarnrc{,.yml}', '**/bunfig.toml', '**/pnpm-workspace.yaml'],
  executes: false,
  options,
  rules: [vulnerable, malicious, outOfStep, lockFileMissing, otherArchive, otherRegistry, nonRegistrySource, httpSource, missingIntegrity, weakIntegrity, installScript, deprecated, licence, licenceUnknown, coreModuleName, confusableName, unreadable],
  timeoutMs: () => 60_000,
  tools: async (context, options) => ({ ...(await import('./advisory-data.ts')).versions(options.maxAgeDays), ...(await (await import('./installed-licences.ts')).versions(context, options)) }),
  run: async (context) => (await import('./run.ts')).run(context),
})
