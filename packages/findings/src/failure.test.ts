import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { failureReasons } from './failure.ts'

test('docs/errors.md has every reason with its sentence, and no other', () => {
  const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (.+) \|$/gm)].map(([, reason, meaning]) => [reason, meaning])
  expect(rows).toEqual(Object.entries(failureReasons))
})
