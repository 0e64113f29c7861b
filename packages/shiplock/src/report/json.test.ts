import { describe, expect, test } from 'vitest'
import type { RunRecord } from '@shiplock/findings'
import { renderJson } from './json.ts'
import { refusedRecord, sampleRecord, sampleRecords } from './sample-records.test-data.ts'

describe('renderJson', () => {
  test('reads back as the record', () => {
    for (const record of sampleRecords) expect(JSON.parse(renderJson(record))).toEqual(record)
  })

  test('is the same bytes whatever the order in which the record was put together', () => {
    const { verdict, tool, ...rest } = refusedRecord
    const reordered: RunRecord = { verdict, ...rest, tool: { node: tool.node, version: tool.version, name: tool.name } }
    expect(JSON.stringify(reordered)).not.toBe(JSON.stringify(refusedRecord))
    expect(renderJson(reordered)).toBe(renderJson(refusedRecord))
  })

  test('can be shown on a terminal whatever the record holds', () => {
    const hostile = 'a\u001b[2J\u009b1A\u202e\u2028\ud800\u{e0041}'
    const json = renderJson(sampleRecord({ command: hostile }))
    expect(json).toContain(String.raw`"command": "a\u001b[2J\u009b1A\u202e\u2028\ud800\udb40\udc41"`)
    expect(JSON.parse(json)).toHaveProperty('command', hostile)
  })
})
