import { z } from 'zod'
import type { TestResult, TestRun } from './test-run.ts'

const place = {
  id: z.string(),
  name: z.string(),
  isFile: z.boolean().default(false),
  file: z.string().optional(),
  line: z.number().int().positive().optional(),
  column: z.number().int().positive().optional(),
}

/** A line of what our reporters write; `reporters/` is the other side. */
const eventSchema = z.discriminatedUnion('event', [
  z.object({ event: z.literal('start'), ...place }),
  z.object({ event: z.literal('ran'), id: z.string() }),
  z.object({
    event: z.literal('end'),
    ...place,
    state: z.enum(['passed', 'failed', 'skipped', 'pending']),
    failures: z.array(z.object({ message: z.string(), stack: z.string().nullish(), diff: z.string().nullish() })).default([]),
  }),
  z.object({ event: z.literal('done') }),
])

type Event = z.output<typeof eventSchema>

/**
 * Reads the JSON lines of our reporters; undefined where they are damaged. The last line may be cut, when the run was
 * ended in the middle of it. Ids need not be unique: tests of one name may be on one line.
 */
export function parseTestEvents(text: string): TestRun | undefined {
  const started = new Map<string, (Event & { event: 'start' })[]>()
  const results: TestResult[] = []
  let isWhole = false
  const lines = text.split('\n')
  for (const [index, line] of lines.entries()) {
    if (line === '') continue
    const event = parseEvent(line)
    if (!event && index === lines.length - 1) break
    if (!event) return undefined
    if (event.event === 'start') started.set(event.id, [...(started.get(event.id) ?? []), event])
    else if (event.event === 'done') isWhole = true
    else started.get(event.id)?.pop()
    if (event.event === 'end') results.push(toResult(event))
  }
  const unfinished = [...started.values()]
    .flat()
    .map(({ name, file, line, isFile }) => ({
      name,
      isContainer: isFile,
      ...(file !== undefined && { file }),
      ...(line !== undefined && { line }),
    }))
  return { results, unfinished, isWhole }
}

function parseEvent(line: string): Event | undefined {
  try {
    return eventSchema.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}

const toResult = ({ name, state, isFile, file, line, column, failures }: Event & { event: 'end' }): TestResult => ({
  name,
  state: state === 'pending' ? 'skipped' : state,
  isContainer: isFile,
  ...(file !== undefined && { file }),
  ...(line !== undefined && { line }),
  ...(column !== undefined && { column }),
  failures: failures.map(({ message, stack, diff }) => ({
    message,
    ...(typeof stack === 'string' && { stack }),
    ...(typeof diff === 'string' && { diff }),
  })),
})
