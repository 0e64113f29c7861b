import { describe, expect, test } from 'vitest'
import { nodeSchedule, nodeSupport } from './node-schedule.ts'

const on = (day: string): Date => new Date(`${day}T12:00:00Z`)

describe('a version of Node', () => {
  test('is supported up to the last day of its line', () => {
    expect(nodeSupport('22.23.3', on('2027-04-30'))).toEqual({ kind: 'supported', major: 22, endOfLife: '2027-04-30' })
    expect(nodeSupport('v22.23.3', on('2027-05-01'))).toEqual({ kind: 'end-of-life', major: 22, endOfLife: '2027-04-30' })
    const supported = [...nodeSchedule].filter(({ major }) => nodeSupport(`${major}.0.0`, on('2026-11-27')).kind === 'supported')
    expect(supported.map(({ major }) => major)).toEqual([22, 24, 26])
  })

  test('of the first years is long past its end', () => {
    expect(nodeSupport('0.12.18', on('2026-11-27'))).toEqual({ kind: 'end-of-life', major: 0, endOfLife: '2016-12-31' })
  })

  test.each(['27.0.0', '', '26', 'latest', '26.1', '26.1.0 ', '99999.0.0', '26.1.0\n'])('that is %j is unknown, not supported', (version) => {
    expect(nodeSupport(version, on('2026-11-27'))).toEqual({ kind: 'unknown' })
  })
})
