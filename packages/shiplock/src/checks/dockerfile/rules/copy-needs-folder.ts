import type { Examine } from '../rule.ts'

export const copyNeedsFolder: Examine = function* ({ instructions }) {
  for (const { keyword, exec, resolved, argument, span } of instructions) {
    if ((keyword !== 'COPY' && keyword !== 'ADD') || /<<|\{\{/.test(argument)) continue
    const words = exec ?? resolved.split(/[ \t]+/).filter((word) => word !== '')
    const target = words.at(-1) ?? ''
    if (words.length > 2 && !/[/\\]$|^\.{1,2}$|\/\.{1,2}$|\$/.test(target)) yield { message: `${keyword} of ${words.length - 1} sources to ${target.slice(0, 100)}, which is no folder without a / at its end: the build fails`, at: span }
  }
}
