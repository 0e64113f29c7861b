import { fail, ok, type Result, type Severity } from '@shiplock/findings'
import { z } from 'zod'

/** Text from a program as a value of the schema, or why it is none: a shape that is not known is never "no results". */
export function readOutput<Schema extends z.ZodType>(schema: Schema, output: string): Result<z.output<Schema>, string> {
  let document: unknown
  try {
    document = JSON.parse(output)
  } catch {
    // What the error quotes of the text may be a secret.
    return fail(output.startsWith('[… the beginning was cut]') ? 'it is too long' : 'it is not JSON')
  }
  const parsed = schema.safeParse(document)
  if (parsed.success) return ok(parsed.data)
  const [issue] = parsed.error.issues
  return fail(`${issue && issue.path.length > 0 ? `at ${issue.path.map(String).join('.').slice(0, 100)}: ` : ''}${issue?.message.slice(0, 200) ?? 'it is of no shape that is known'}`)
}

/** What Go writes for an empty list or text. */
export const listOf = <Item extends z.ZodType>(item: Item) => z.array(item).nullish().transform((list): z.output<Item>[] => list ?? [])
export const text = z.string().nullish().transform((it) => it ?? '')
export const line = z.number().nullish().transform((it) => it ?? undefined)

const words: Readonly<Record<string, Severity>> = { critical: 'critical', high: 'high', medium: 'medium', moderate: 'medium', low: 'low' }

/** Of a word that rates; undefined where it is none of ours, such as `UNKNOWN`. */
export const severityOfWord = (word: string | undefined): Severity | undefined => (word !== undefined && Object.hasOwn(words, word.toLowerCase()) ? words[word.toLowerCase()] : undefined)
