import { z } from 'zod'
import { defineCheck, globPattern } from '../check.ts'
import { dockerfileGlobs, lockFiles } from './paths.ts'
import { rules } from './rules.ts'

const options = z.strictObject({
  exclude: z.array(globPattern).default([]).describe('Globs of files to leave out, from the root of the tree.'),
  healthcheck: z.boolean().default(true).describe('Whether a service without HEALTHCHECK is a finding. Off where a probe of Cloud Run or Kubernetes serves.'),
})

export type DockerfileOptions = z.output<typeof options>

export default defineCheck({
  id: 'dockerfile',
  title: 'Dockerfile',
  commentSign: '#',
  subject: 'tree',
  // Beside the Dockerfiles what they depend on: whether there is a .dockerignore, and which lock files there are.
  reads: () => [...dockerfileGlobs, ...['*.dockerignore', '.dockerignore', '.containerignore', ...lockFiles].map((name) => `**/${name}`)],
  executes: false,
  hasEdits: true,
  options,
  rules,
  run: async (context) => (await import('./run.ts')).run(context),
})
