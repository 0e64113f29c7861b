/**
 * Characters that show as nothing, move the cursor or reorder the line: controls (C0, DEL, C1), format characters
 * (bidirectional overrides and isolates, tags), lone surrogates, line and paragraph separators, and whatever Unicode lets a
 * renderer ignore (zero width, fillers, variation selectors). Only the two selectors that emoji are spelled with stay.
 */
const deceptive = /[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]--[\ufe0e\ufe0f]]/gv

/** One line of text from outside, for a person: what could deceive a terminal or a reader shows as `\u{1b}`. Total, idempotent. */
export function visible(text: string): string {
  return text.replace(deceptive, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}

/** The same for text of several lines: line ends separate, a tab is two spaces, everything else as in `visible`. */
export function visibleLines(text: string): string[] {
  return text.split(/\r?\n/).map((line) => visible(expandTabs(line)))
}

/** Fixed width, so that a column in the source can be found again in what is shown. */
export function expandTabs(line: string): string {
  return line.replaceAll('\t', '  ')
}
