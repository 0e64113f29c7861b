import { severities } from '@shiplock/findings'
import { z } from 'zod'
import { defineCheck, globPattern, type Check } from '../check.ts'
import type { Tool } from './tool.ts'

const optionsOf = ({ id, unratedAs }: Tool) =>
  z.strictObject({
    exclude: z.array(globPattern).default([]).describe(`Globs of files that ${id} is not shown.`),
    unratedAs: z.enum(severities).default(unratedAs).describe(`How severe a result is that ${id} does not rate.`),
    timeoutSeconds: z.number().int().positive().default(300).describe(`How long ${id} may take.`),
  })

export type JoinedOptions = z.output<ReturnType<typeof optionsOf>>

/** The check that runs the program and hands on what it finds. */
export function joinTool(tool: Tool): Check<ReturnType<typeof optionsOf>> {
  return defineCheck({
    id: tool.id,
    title: tool.title,
    subject: 'tree',
    isOptIn: true,
    ...(tool.commentSign && { commentSign: tool.commentSign }),
    joins: { sameAs: tool.sameAs, ...(tool.perAdvisory && { perAdvisory: tool.perAdvisory }) },
    reads: () => tool.reads,
    // It reads the repository's files and runs none of them.
    executes: false,
    options: optionsOf(tool),
    rules: [],
    ...(tool.inherits && { inherits: tool.inherits }),
    timeoutMs: ({ timeoutSeconds }) => timeoutSeconds * 1000,
    tools: async (context) => (await import('./run-tool.ts')).versions(tool, context),
    run: async (context) => (await import('./run-tool.ts')).runTool(tool, context),
  })
}
