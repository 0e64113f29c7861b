import { z } from 'zod'
import { isNoSpace, readTextFile, writeAtomically } from '../system/files.ts'

const schema = z.object({
  version: z.literal(1),
  releaseId: z.string().min(1),
  /** Full resource name. */
  service: z.string().min(1),
  kind: z.enum(['create', 'update']),
  /** What may have been done when the journal ends here: each is written before its first request. */
  phase: z.enum(['creating', 'promoting']),
  stable: z.string().optional(),
  candidate: z.string().min(1),
})

/** What a release that is not finished was about: the next run reads it after a kill -9 and a power cut. */
export type JournalEntry = z.output<typeof schema>

export interface Journal {
  /** Undefined where no release was left unfinished, and where the file is not one that was written here: live state decides then. */
  readonly read: () => JournalEntry | undefined
  /** Throws the system's error. */
  readonly write: (entry: JournalEntry) => void
  /** Says that nothing is unfinished. */
  readonly close: () => void
}

export function openJournal(path: string): Journal {
  return {
    read: () => {
      const parsed = schema.safeParse(parse(path))
      return parsed.success ? parsed.data : undefined
    },
    write: (entry) => writeAtomically(path, `${JSON.stringify(entry)}\n`, { durable: true, mode: 0o600 }),
    close: () => {
      try {
        if (readTextFile(path) !== undefined) writeAtomically(path, 'null\n', { durable: true, mode: 0o600 })
      } catch (error) {
        // A release that is over is over: the next run finds an entry that live state answers.
        if (!isNoSpace(error)) throw error
      }
    },
  }
}

function parse(path: string): unknown {
  const text = readTextFile(path)
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    // Not written here, since what is written here is whole.
    return undefined
  }
}
