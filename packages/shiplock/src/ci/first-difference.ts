/** The first line in which a file is not what it should be, counted from 1. */
export function firstDifference(is: string, shouldBe: string): { readonly line: number; readonly is: string; readonly shouldBe: string } {
  const [found, wanted] = [is.split('\n'), shouldBe.split('\n')]
  const at = wanted.findIndex((line, index) => line !== found[index])
  // Where all that should be there is, more follows it.
  const line = at === -1 ? wanted.length : at
  return { line: line + 1, is: (found[line] ?? '(the file ends)').trim(), shouldBe: (wanted[line] ?? '(the file ends)').trim() }
}
