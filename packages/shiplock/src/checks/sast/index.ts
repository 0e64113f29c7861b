import type { Rule } from '@shiplock/findings'
import { ruleFolders, rules as analyserRules, type AnalyserRule } from '@shiplock/analyser/rules'
import { z } from 'zod'
import { defineCheck, globPattern } from '../check.ts'
import { unreadableFile } from './rules/unreadable-file.ts'

const options = z.strictObject({
  exclude: z.array(globPattern).default([]).describe('Globs of files to leave out, from the root of the tree.'),
  tests: z.boolean().default(false).describe('Whether tests, fixtures and benchmarks are judged too: their input is their own.'),
  generated: z.boolean().default(false).describe('Whether what is built (`dist`, `build`, …) or copied from others (`vendor`, `third_party`, …) is judged too. A tree that holds nothing else is judged in any case.'),
  libraryMode: z
    .enum(['auto', 'on', 'off'])
    .default('auto')
    .describe('Whether the parameters of what a package exports count as untrusted; such findings have low confidence. `auto`: unless its package.json says `"private": true`, since then only the code that is read here calls it.'),
})

export type SastOptions = z.output<typeof options>

export default defineCheck({
  id: 'sast',
  title: 'Static analysis',
  subject: 'tree',
  // Commands have no extension, often; the manifests say which file an import means, and what others load.
  reads: () => ['**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs,es6,vue,svelte}', '**/*.{ejs,eta,pug,jade,hbs,handlebars,mustache,njk,nunjucks,swig,twig,liquid}', '**/!(*.*)', '**/package.json', '**/{ts,js}config*.json'],
  executes: false,
  // What the users of a package hand over may be their own word: such findings do not stop a commit by themselves.
  leastConfidence: 'medium',
  options,
  rules: [...analyserRules.map(factsOf), unreadableFile],
  ruleFolders,
  run: async (context) => (await import('./run.ts')).run(context),
})

/** What the rest of Shiplock knows of a rule of the analyser. */
function factsOf({ id, alias, title, severity, confidence, cwe, alsoCwe, fix }: AnalyserRule): Rule {
  return { id, alias, title, severity, confidence, cwe, ...(alsoCwe && { alsoCwe }), fix: fix.endsWith('.') ? fix : `${fix}.` }
}
