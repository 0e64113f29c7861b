import { z } from 'zod'
import { defineCheck } from '../check.ts'
import { csrfMissingTokenAccepted } from './rules/csrf-missing-token-accepted.ts'
import { csrfTamperedTokenAccepted } from './rules/csrf-tampered-token-accepted.ts'
import { formRefused } from './rules/form-refused.ts'
import { unexpectedStatus } from './rules/unexpected-status.ts'

const options = z.strictObject({
  path: z
    .string()
    .regex(/^\/[!-~]*$/, { error: 'must start with `/` and hold no blanks' })
    .default('/')
    .describe('Page that must answer 200, and whose forms are sent.'),
  forms: z.boolean().default(true).describe('Whether the forms of that page that are sent by POST are tried. A page without any is fine.'),
  requireToken: z
    .boolean()
    .default(false)
    .describe(
      'Whether every such form must have a CSRF token. Off, a form without one is judged by whether another site could send it with cookies.',
    ),
  maxRequests: z.int().min(1).max(1000).default(100).describe('Requests after which the probe gives up, as a failure and not as a pass.'),
  timeoutSeconds: z.int().min(1).max(600).default(60).describe('Seconds after which the probe gives up.'),
})

export type ProbeOptions = z.output<typeof options>

export default defineCheck({
  id: 'probe',
  title: 'Probe',
  commentSign: 'none',
  subject: 'revision',
  reads: () => [],
  executes: false,
  options,
  rules: [unexpectedStatus, csrfMissingTokenAccepted, csrfTamperedTokenAccepted, formRefused],
  timeoutMs: ({ timeoutSeconds }) => timeoutSeconds * 1000,
  run: async (context) => (await import('./run.ts')).run(context),
})
