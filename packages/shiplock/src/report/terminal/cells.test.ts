import * as fc from 'fast-check'
import sliceAnsi from 'slice-ansi'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import wrapAnsi from 'wrap-ansi'
import { truncate, widthOf, wrap } from './cells.ts'

const text = fc.array(fc.oneof({ weight: 8, arbitrary: fc.constantFrom('a', 'word', ' ', '  ', '~', '-', '0') }, { weight: 1, arbitrary: fc.constantFrom('é', '漢', '👩‍👩‍👦', '·') }), { maxLength: 12 }).map((parts) => parts.join(''))

test('plain ASCII is measured, cut and wrapped as the libraries do it, without them', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 30 }), (it, columns) => {
      expect(widthOf(it)).toBe(stringWidth(it))
      expect(wrap(it, columns)).toEqual(wrapAnsi(it, columns, { hard: true }).split('\n'))
      expect(truncate(it, columns)).toBe(stringWidth(it) <= columns ? it : `${sliceAnsi(it, 0, columns - 1)}…`)
    }),
    { numRuns: 2000 },
  )
})
