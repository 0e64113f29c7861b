import { readdirSync } from 'node:fs'
import { fixed, fixtures, found, planted, textsOf, vulnerable } from './planted.ts'

/** Prints how many of the flaws planted in `src/services/fixtures` are found, by class, and what is said of the fixed services. */
const table = new Map<string, { planted: number; found: number; 'across files': number; 'told beside': number; 'told when fixed': number }>()
const row = (rule: string) => {
  const known = table.get(rule) ?? { planted: 0, found: 0, 'across files': 0, 'told beside': 0, 'told when fixed': 0 }
  table.set(rule, known)
  return known
}
for (const service of readdirSync(fixtures)) {
  const texts = textsOf(service)
  const wanted = planted(texts)
  for (const one of wanted) row(one.split(' ')[0]!).planted += 1
  for (const { rule, path, line, files } of found(new Map([...texts].map(([name, text]) => [name, vulnerable(text)])))) {
    if (!wanted.includes(`${rule} ${path}:${line}`)) row(rule)['told beside'] += 1
    else {
      row(rule).found += 1
      if (files > 1) row(rule)['across files'] += 1
    }
  }
  for (const { rule } of found(new Map([...texts].map(([name, text]) => [name, fixed(text)])))) row(rule)['told when fixed'] += 1
}
console.table(Object.fromEntries([...table].toSorted(([a], [b]) => (a < b ? -1 : 1))))
