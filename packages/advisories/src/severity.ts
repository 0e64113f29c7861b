import cvss from 'ae-cvss-calculator'
import type { Severity } from '@shiplock/findings'
import { record, text } from './lock-document.ts'
import { severityOfWord } from './severity-word.ts'

/**
 * From the newest CVSS vector that can be read, else the database's own word, else a distribution's; `medium` where nobody says.
 * What a distribution calls unimportant is of no harm as it builds it, whatever the vector says of the flaw.
 */
export function severityOf(vectors: readonly unknown[], word: unknown, urgency?: string): Severity {
  if (urgency === 'unimportant') return 'low'
  const texts = vectors.flatMap((vector) => text(record(vector).get('score')) ?? [])
  for (const prefix of ['CVSS:4.0/', 'CVSS:3.1/', 'CVSS:3.0/']) {
    const score = texts.flatMap((vector) => (vector.startsWith(prefix) ? (scoreOf(vector) ?? []) : []))[0]
    if (score !== undefined) return rating(score)
  }
  const older = texts.flatMap((vector) => (/^\(?AV:[LAN]\//.test(vector) ? (scoreOf(vector.replace(/^\(|\)$/g, '')) ?? []) : []))[0]
  if (older !== undefined) return olderRating(older)
  return severityOfWord(word) ?? severityOfWord(urgency?.replace(/\*+$/, '')) ?? 'medium'
}

/** Base score; undefined where the vector is none. */
export function scoreOf(vector: string): number | undefined {
  try {
    const read = vector.startsWith('AV:') ? new cvss.Cvss2(vector) : vector.startsWith('CVSS:4.0/') ? new cvss.Cvss4P0(vector) : vector.startsWith('CVSS:3.0/') ? new cvss.Cvss3P0(vector) : new cvss.Cvss3P1(vector)
    const score = read.createJsonSchema().baseScore
    return typeof score === 'number' && Number.isFinite(score) ? score : undefined
  } catch {
    // The library throws on what is no vector; the caller has the next one, or the database's word.
    return undefined
  }
}

/** The qualitative rating of CVSS 3.1 §5 and 4.0 §6, which are the same; its "none" is our lowest. */
const rating = (score: number): Severity => (score >= 9 ? 'critical' : score >= 7 ? 'high' : score >= 4 ? 'medium' : 'low')

/** CVSS 2 knows no critical; these are the ratings that the National Vulnerability Database gave its scores. */
const olderRating = (score: number): Severity => (score >= 7 ? 'high' : score >= 4 ? 'medium' : 'low')
