import parse from 'spdx-expression-parse'

/** Whether a text is an expression of the SPDX specification's annex D, of licences that its list has. */
export function isSpdxExpression(text: string): boolean {
  const known = answers.get(text)
  if (known !== undefined) return known
  const answer = text !== '' && text.length <= longestExpression && parses(text)
  // Two thousand packages have twenty licences.
  if (answers.size < mostAnswers) answers.set(text, answer)
  return answer
}

const longestExpression = 1000
const mostAnswers = 10_000
const answers = new Map<string, boolean>()

function parses(text: string): boolean {
  try {
    parse(text)
    return true
  } catch {
    // The library's word for no.
    return false
  }
}

/** The text where it is the identifier of one licence in the SPDX list. */
export const spdxIdOf = (text: string): string | undefined => (/^[A-Za-z0-9][A-Za-z0-9.+-]*$/.test(text) && isSpdxExpression(text) ? text : undefined)
