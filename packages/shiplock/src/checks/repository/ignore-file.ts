/** Whether a .gitignore or .dockerignore leaves out what lines like these name: the last of them decides, and one with `!` takes it in again. */
export function leavesOut(text: string, pattern: RegExp): boolean {
  let isOut = false
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const [, negation, rest = ''] = /^(!?)(.*)$/.exec(line.trim()) ?? []
    if (pattern.test(rest.replace(/^\/|\/(?:\*\*?)?$/g, ''))) isOut = negation === ''
  }
  return isOut
}
