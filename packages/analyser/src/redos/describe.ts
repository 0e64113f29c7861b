import type { SlowRegex } from '../model/file-model.ts'

const longest = 40

/** The finding in words: what reaches the expression, which part of it is ambiguous, and a text that shows it. */
export function describeSlow({ kind, degree, attack, reason }: SlowRegex, source: string | undefined): string {
  const growth = kind === 'exponential' ? 'exponential time' : `time that grows with the ${powers[degree] ?? `${degree}th power`} of the length`
  const text = [attack.prefix && `${quoted(attack.prefix)} + `, `${quoted(attack.pump)}.repeat(n)`, attack.suffix && ` + ${quoted(attack.suffix)}`].join('')
  return `${source === undefined ? 'Some text may reach' : `${source} reaches`} a regular expression that takes ${growth}, as for ${text}: ${reason}`
}

const powers: Readonly<Record<number, string>> = { 2: 'square', 3: 'cube' }

/** A text as the program could write it; what a terminal would act on is escaped. */
function quoted(text: string): string {
  const shown = text.length > longest ? `${text.slice(0, longest)}…` : text
  return JSON.stringify(shown).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
}
