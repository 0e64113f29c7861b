import type { KindName } from '../kinds.ts'
import type { CallModel, Shape } from './shape.ts'

/** What text cannot be, though an object in its place could: an operator of a query, a record, a prototype. */
export const textOnly: readonly KindName[] = ['nosql', 'record', 'prototype']

/** Untrusted text of a request: never an object, wherever it is put. */
export const requestText: Shape = { source: 'request', harmless: textOnly }
export const requestObject: Shape = { source: 'request' }

/** The same shape for each of some names. */
export const each = (shape: Shape | string, ...names: readonly string[]): Record<string, Shape | string> => Object.fromEntries(names.map((name) => [name, shape]))
export const calls = (call: CallModel, ...names: readonly string[]): Record<string, Shape | string> => each({ call }, ...names)
