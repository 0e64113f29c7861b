import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatCursor, parseCursor, parseListView, pathOf, placeAfter, placeBefore, viewFields, type ListView } from './list-view.ts'

const fieldsIn = (path: string): Record<string, string> => Object.fromEntries(new URL(path, 'http://todo.test').searchParams)

test.each<[Record<string, unknown>, ListView]>([
  [{}, { show: 'all' }],
  [{ show: 'active' }, { show: 'active' }],
  [{ show: 'done', after: 'done-7' }, { show: 'done', after: { isComplete: true, id: 7 } }],
  [{ before: 'active-9', edit: '12' }, { show: 'all', before: { isComplete: false, id: 9 }, edit: 12 }],
  [{ after: 'active-1', before: 'active-9' }, { show: 'all', after: { isComplete: false, id: 1 } }],
  [{ show: 'done', after: 'active-7' }, { show: 'done' }],
  [{ show: ['done', 'all'], after: ['active-1'], edit: ['1', '2'] }, { show: 'all' }],
  [{ show: 'constructor', after: 'active-01', before: 'done--1', edit: '-1' }, { show: 'all' }],
  [{ after: 'active-9007199254740993', before: 'done-99999999999999999999' }, { show: 'all' }],
])('%j is read as %j', (fields, view) => {
  expect(parseListView(fields)).toEqual(view)
})

test.each([undefined, null, 'show=done', 7])('%j is read as the whole list', (fields) => {
  expect(parseListView(fields)).toEqual({ show: 'all' })
})

const cursor = fc.record({ isComplete: fc.boolean(), id: fc.maxSafeNat() })

test('a cursor is read as it was written', () => {
  fc.assert(
    fc.property(cursor, (place) => {
      expect(parseCursor(formatCursor(place))).toEqual(place)
    }),
  )
})

test('the places beside a place are right beside it, in the same part of the list, and can be read', () => {
  const { MAX_SAFE_INTEGER } = Number
  const edge = fc.record({ isComplete: fc.boolean(), id: fc.constantFrom(0, 1, MAX_SAFE_INTEGER - 1, MAX_SAFE_INTEGER) })
  fc.assert(
    fc.property(fc.oneof(cursor, edge), (place) => {
      const [before, after] = [placeBefore(place), placeAfter(place)]
      expect([before, after].map((each) => parseCursor(formatCursor(each)))).toEqual([before, after])
      expect(before).toEqual({ ...place, id: place.id === MAX_SAFE_INTEGER ? place.id : place.id + 1 })
      expect(after).toEqual({ ...place, id: place.id === 0 ? 0 : place.id - 1 })
    }),
  )
})

const odd = fc.constantFrom('all', 'done', 'active', 'active-3', 'done-5', '12', '//evil.example', 'https://evil.example', '\r\nx: y', '"><script>', '')
const given = fc.dictionary(fc.constantFrom('show', 'after', 'before', 'edit', 'next', '__proto__'), fc.oneof(odd, fc.string(), fc.array(odd)))

test('whatever is asked for becomes a view whose address stays on this site and is read as the same view again', () => {
  fc.assert(
    fc.property(given, (fields) => {
      const view = parseListView(fields)
      const path = pathOf(view)
      const url = new URL(path, 'http://todo.test')
      expect(url.origin).toBe('http://todo.test')
      expect(url.pathname).toBe('/')
      expect(path).toMatch(/^\/(?:\?[a-z]+=[a-z0-9-]+(?:&[a-z]+=[a-z0-9-]+)*)?$/)
      expect(view.after && view.before).toBeUndefined()
      expect(parseListView(fieldsIn(path))).toEqual(view)
      // As address and as hidden fields it is the same.
      const inForm = viewFields(view).map(({ markup }) => /name="(\w+)" value="([\w-]+)"/.exec(markup)?.slice(1) as [string, string])
      expect(Object.fromEntries(inForm)).toEqual(fieldsIn(path))
    }),
    { numRuns: 500 },
  )
})
