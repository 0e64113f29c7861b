import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMarkerSearch } from './markers.ts'

test('it says of every text what looking for each marker alone says', () => {
  const markers = ['abc', 'ABd', '_abc', 'a-b', '://', 'bca_b']
  const search = createMarkerSearch(markers)
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'B', 'c', 'd', '_', '-', ':', '/', 'ā', '\u0161', '\n'), maxLength: 60 }), (text) => {
      expect([...search(text)].toSorted()).toEqual(markers.map((marker) => marker.toLowerCase()).filter((marker) => text.toLowerCase().includes(marker)).toSorted())
    }),
  )
})

test('a marker that is too short to be looked for so is refused', () => {
  expect(() => createMarkerSearch(['ab'])).toThrow('at least three characters')
})
