import { z } from 'zod'
import { defineCheck, globPattern } from '../check.ts'
import { codeownersMissing } from './rules/codeowners-missing.ts'
import { dockerignoreGap } from './rules/dockerignore-gap.ts'
import { enginesMissing } from './rules/engines-missing.ts'
import { envFile } from './rules/env-file.ts'
import { gitignoreEnv } from './rules/gitignore-env.ts'
import { gitignoreNodeModules } from './rules/gitignore-node-modules.ts'
import { hookSkipsTls } from './rules/hook-skips-tls.ts'
import { keyFile } from './rules/key-file.ts'
import { licenseMissing } from './rules/license-missing.ts'
import { linkLeadsOut } from './rules/link-leads-out.ts'
import { npmrcSkipsTls } from './rules/npmrc-skips-tls.ts'
import { securityPolicyMissing } from './rules/security-policy-missing.ts'
import { severalLockFiles } from './rules/several-lock-files.ts'
import { unparsable } from './rules/unparsable.ts'
import { unseenFiles } from './rules/unseen-files.ts'

const options = z.strictObject({
  exclude: z.array(globPattern).default([]).describe('Globs of files and links that are not looked at, such as fixtures.'),
})

export type RepositoryOptions = z.output<typeof options>

export default defineCheck({
  id: 'repository',
  title: 'Repository',
  commentSign: 'none',
  subject: 'tree',
  // Whether a file is there and whether it is a link: that is said of every file of the tree.
  reads: () => ['**'],
  executes: false,
  hasEdits: true,
  options,
  rules: [envFile, keyFile, severalLockFiles, gitignoreNodeModules, gitignoreEnv, dockerignoreGap, securityPolicyMissing, codeownersMissing, licenseMissing, enginesMissing, npmrcSkipsTls, hookSkipsTls, linkLeadsOut, unseenFiles, unparsable],
  run: async (context) => (await import('./run.ts')).run(context),
})
