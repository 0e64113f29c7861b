import { expect, test } from 'vitest'
import { endOfScalar } from './end-of-scalar.ts'

const lines = `jobs:
  a:
    steps:
      - run: |
          echo a

          echo b

      - name: b
        run: >-  # folded
          echo c
        env: {}
      - run: echo d`.split('\n')

test('a block scalar ends with the last line that is further in', () => {
  expect(lines.map((_, index) => endOfScalar(lines, index + 1))).toEqual([1, 2, 3, 7, 5, 6, 7, 8, 9, 11, 11, 12, 13])
  expect(endOfScalar(lines, 99)).toBe(99)
})
