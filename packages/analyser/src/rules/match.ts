import type { ProgramCall } from '../flow/program.ts'
import type { FieldStore, Reader } from '../flow/reading.ts'
import type { PatternMatch } from './rule.ts'

type Weight = Pick<PatternMatch, 'severity' | 'confidence' | 'fix' | 'isSecret'>

/** A match at a call, at a place that gives a field its value, or at a value. */
export const atCall = ({ file, at, end }: ProgramCall, message: string, weight: Weight = {}): PatternMatch => ({ file, start: at, end, message, ...weight })
export const atStore = ({ file, start, end }: FieldStore, message: string, weight: Weight = {}): PatternMatch => ({ file, start, end, message, ...weight })
export const atNode = (reader: Reader, node: number, message: string, weight: Weight = {}): PatternMatch => ({ ...reader.placeOf(node), message, ...weight })
