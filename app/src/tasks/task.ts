/** One thing to do, on one owner's list. */
export interface Task {
  readonly id: number
  /** As typed, trimmed: 1 to 200 code points, no control characters. */
  readonly title: string
  readonly isComplete: boolean
}

/** The most code points a title may have; what MySQL's VARCHAR(200) counts too. */
export const longestTitle = 200

/** A title that can be kept, or one sentence for the person who typed it. */
export type TitleResult = { readonly ok: true; readonly title: string } | { readonly ok: false; readonly problem: string }

// Spaces, and characters that show nothing, such as U+200B: a title of these alone would be an empty line.
const blank = /^[\p{White_Space}\p{Default_Ignorable_Code_Point}\u2800]*$/u

/** Turns what was typed into a title. Line breaks and tabs, which only pasting brings, become spaces. */
export function parseTitle(typed: string): TitleResult {
  const title = typed.toWellFormed().replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' ').trim()
  if (blank.test(title)) return { ok: false, problem: 'Write what is to be done.' }
  if (/\p{Cc}/u.test(title)) return { ok: false, problem: 'Leave out the control characters: they cannot be shown.' }
  const length = Array.from(title).length
  if (length > longestTitle) return { ok: false, problem: `Make it shorter: it has ${length} characters, and ${longestTitle} fit.` }
  return { ok: true, title }
}

/** The id in a path: a whole number from 1 that JavaScript holds exactly; undefined for anything else. */
export function parseTaskId(text: string): number | undefined {
  if (!/^[1-9]\d{0,15}$/.test(text)) return undefined
  const id = Number(text)
  return Number.isSafeInteger(id) ? id : undefined
}
