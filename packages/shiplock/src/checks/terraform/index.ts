import { posix } from 'node:path'
import { z } from 'zod'
import { defineCheck, globPattern, relativePath } from '../check.ts'
import { rules } from './rules.ts'

const options = z.strictObject({
  directory: relativePath.default('.').describe('Folder whose Terraform files are looked at, relative to the root. Modules that they call must be in it.'),
  exclude: z.array(globPattern).default([]).describe('Globs of files to leave out, from the root of the tree.'),
  maxFileBytes: z.int().min(1).default(1_048_576).describe('A larger file is not looked at, which is a finding.'),
})

export type TerraformOptions = z.output<typeof options>

const endings = ['tf', 'tf.json', 'tfvars', 'tfvars.json']

export default defineCheck({
  id: 'terraform',
  title: 'Terraform for Google Cloud',
  commentSign: '#',
  subject: 'tree',
  reads: ({ directory }) => endings.map((ending) => `${posix.normalize(directory) === '.' ? '' : `${posix.normalize(directory).replace(/\/$/, '')}/`}**/*.${ending}`),
  executes: false,
  options,
  rules,
  run: async (context) => (await import('./run.ts')).run(context),
})
