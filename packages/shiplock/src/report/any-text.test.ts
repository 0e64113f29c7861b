import fc from 'fast-check'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { parse } from 'parse5'
import type { Log } from 'sarif'
import { expect, test } from 'vitest'
import { renderAnnotations } from './github/annotations.ts'
import { renderJobSummary } from './github/job-summary.ts'
import { renderHtml } from './html/render-html.ts'
import { hostileTexts } from './hostile-texts.test-data.ts'
import { renderJson } from './json.ts'
import { renderJUnit } from './junit.ts'
import { sampleRecords, withEveryString } from './sample-records.test-data.ts'
import { renderSarif } from './sarif/render-sarif.ts'
import { renderFindings } from './terminal/findings.ts'
import { renderSummary } from './terminal/summary.ts'

/** Any code units at all, also in no valid order, and what is made to break something, alone or in pieces of each other. */
const anyText = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)), maxLength: 40 }),
  fc.array(fc.oneof(fc.constantFrom(...hostileTexts, '\n', '\r', '\n\n', ' ', ':', '::', '%', '##', '[', ']]', '>', '<', '&', '"', "'", '`', '\\', '|', '{0}'), fc.string({ unit: 'grapheme', maxLength: 8 })), { maxLength: 6 }).map((parts) => parts.join('')),
)
/** Never blank: a finding without code, or without a fix, is shown without a place for it. */
const anyRecord = fc.tuple(fc.constantFrom(...sampleRecords), anyText).map(([record, text]) => withEveryString(record, `${text}x`))

/** No line of it is a command to GitHub's runner, and nothing in it moves a cursor or hides. */
const isCalm = (text: string) => !/^[^\S\n]*::|##\[/m.test(text) && !/[[\p{Cc}\p{Cf}]--[\n]]/v.test(text)

test('whatever the texts of a record are, every format is well-formed, calm on a terminal and shows as much as with harmless ones', () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      const plain = { columns: 80, colour: false }
      const harmless = withEveryString(record, 'harmless')
      const sarif = renderSarif(record, []).text
      const results = (log: Log) => log.runs.map((run) => run.results?.length)
      expect(results(JSON.parse(sarif))).toEqual(results(JSON.parse(renderSarif(harmless, []).text)))
      const junit = renderJUnit(record)
      expect(XMLValidator.validate(junit)).toBe(true)
      const suites = (xml: string) => JSON.stringify(new XMLParser({ isArray: () => true }).parse(xml)).match(/"(?:testsuite|testcase|failure|error|skipped)":/g)
      expect(suites(junit)?.length).toBe(suites(renderJUnit(harmless))?.length)
      expect(JSON.parse(renderJson(record))).toEqual(record)
      const commands = renderAnnotations(record).text
      expect(commands.split('\n').map((line) => line.split(' ')[0])).toEqual(renderAnnotations(harmless).text.split('\n').map((line) => line.split(' ')[0]))
      const tags = (page: string) => JSON.stringify(parse(page), (key, value) => (key === 'parentNode' ? undefined : value)).match(/"tagName":"\w+","attrs":\[[^\]]*\]/g)
      expect(tags(renderJobSummary(record, { notAnnotated: 0 }))).toEqual(tags(renderJobSummary(harmless, { notAnnotated: 0 })))
      for (const text of [sarif, junit, renderJson(record)]) expect(isCalm(text)).toBe(true)
      for (const text of [renderHtml(record), renderFindings(record, plain), renderSummary(record, plain), commands]) expect(text).not.toMatch(/[[\p{Cc}\p{Cf}]--[\n]]/v)
    }),
    { numRuns: 150 },
  )
})
