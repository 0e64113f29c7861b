import { expect, test } from 'vitest'
import { parseTrace } from './trace.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const spanId = '00f067aa0ba902b7'

test('a W3C traceparent is read', () => {
  expect(parseTrace({ traceparent: `00-${traceId}-${spanId}-01` })).toEqual({ traceId, spanId, isSampled: true })
  expect(parseTrace({ traceparent: `00-${traceId}-${spanId}-00` })).toEqual({ traceId, spanId, isSampled: false })
  expect(parseTrace({ traceparent: `cc-${traceId}-${spanId}-01-what-the-future-brings` })).toEqual({ traceId, spanId, isSampled: true })
})

test("Google's header is read, its decimal span as hexadecimal", () => {
  expect(parseTrace({ 'x-cloud-trace-context': `${traceId}/67667974448284343;o=1` })).toEqual({ traceId, spanId, isSampled: true })
  expect(parseTrace({ 'x-cloud-trace-context': traceId })).toEqual({ traceId, isSampled: false })
})

test('traceparent wins', () => {
  const other = 'f'.repeat(32)
  expect(parseTrace({ traceparent: `00-${traceId}-${spanId}-01`, 'x-cloud-trace-context': other })?.traceId).toBe(traceId)
})

test.each([
  `00-${'0'.repeat(32)}-${spanId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `ff-${traceId}-${spanId}-01`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${traceId}-${spanId}`,
  `00-${traceId}-${spanId}-01x`,
  'x'.repeat(10_000),
  '',
])('%j is as if absent', (traceparent) => {
  expect(parseTrace({ traceparent })).toBeUndefined()
})

test('two headers of one name are as if absent', () => {
  expect(parseTrace({ traceparent: [`00-${traceId}-${spanId}-01`, 'x'] })).toBeUndefined()
})
