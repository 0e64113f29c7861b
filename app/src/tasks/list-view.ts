import { html, type Html } from '../html.ts'
import type { Cursor, Show } from './task-store.ts'
import { parseTaskId } from './task.ts'

/** Which part of the list a page shows: what stands in its address, and what every form of it carries along. */
export interface ListView {
  readonly show: Show
  /** At most one of `after` and `before`. */
  readonly after?: Cursor
  readonly before?: Cursor
  /** The task whose row is a form. */
  readonly edit?: number
}

/** The start of everything. */
export const wholeList: ListView = { show: 'all' }

/** A cursor as it stands in addresses; other programs need not know its make. */
export const formatCursor = ({ isComplete, id }: Cursor): string => `${isComplete ? 'done' : 'active'}-${id}`

/** What a cursor looks like, also told to the readers of the OpenAPI document. */
export const cursorPattern = '^(active|done)-(0|[1-9][0-9]{0,15})$'

const cursor = new RegExp(cursorPattern)

/** Reads a cursor; undefined for what is none. That its task is still there is not asked. */
export function parseCursor(text: string): Cursor | undefined {
  const [, state, digits] = cursor.exec(text) ?? []
  const id = Number(digits)
  return Number.isSafeInteger(id) ? { isComplete: state === 'done', id } : undefined
}

// Within each part of a list ids descend. Neither leaves the numbers that `parseCursor` reads.

/** The place right before this one: what comes after it begins with this one's task. */
export const placeBefore = ({ isComplete, id }: Cursor): Cursor => ({ isComplete, id: Math.min(id + 1, Number.MAX_SAFE_INTEGER) })

/** The place right after this one: what comes before it ends with this one's task. */
export const placeAfter = ({ isComplete, id }: Cursor): Cursor => ({ isComplete, id: Math.max(id - 1, 0) })

/** Whether tasks on both sides of the place can be shown: among what is to do, no place is beside a done task. */
export const isWithin = (show: Show, { isComplete }: Cursor): boolean => show === 'all' || (show === 'done') === isComplete

const textOf = (fields: unknown, name: string): string => {
  const value = typeof fields === 'object' && fields !== null ? (fields as Readonly<Record<string, unknown>>)[name] : undefined
  return typeof value === 'string' ? value : ''
}

const placeOf = (fields: unknown, name: string, show: Show): Cursor | undefined => {
  const place = parseCursor(textOf(fields, name))
  return place && isWithin(show, place) ? place : undefined
}

/**
 * Reads the view from a query or a form. Whatever makes no sense is left out, so that an old or mistyped address
 * still shows the list; and since an address is only ever built from a view, none leads off this site.
 */
export function parseListView(fields: unknown): ListView {
  const given = textOf(fields, 'show')
  const show = given === 'active' || given === 'done' ? given : 'all'
  const after = placeOf(fields, 'after', show)
  const before = after ? undefined : placeOf(fields, 'before', show)
  const edit = parseTaskId(textOf(fields, 'edit'))
  return { show, ...(after && { after }), ...(before && { before }), ...(edit !== undefined && { edit }) }
}

/** The same with no row as a form. */
export const withoutEdit = ({ show, after, before }: ListView): ListView => ({ show, ...(after && { after }), ...(before && { before }) })

/** The first page of the same. */
export const firstPage = ({ show, edit }: ListView): ListView => ({ show, ...(edit !== undefined && { edit }) })

const pairsOf = ({ show, after, before, edit }: ListView): [name: string, value: string][] => {
  const pairs: [string, string][] = []
  if (show !== 'all') pairs.push(['show', show])
  if (after) pairs.push(['after', formatCursor(after)])
  if (before) pairs.push(['before', formatCursor(before)])
  if (edit !== undefined) pairs.push(['edit', String(edit)])
  return pairs
}

/** The address of a view. No value in it needs escaping: each is a word or a number of ours. */
export function pathOf(view: ListView): string {
  const pairs = pairsOf(view)
  return pairs.length === 0 ? '/' : `/?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`
}

/** The view as hidden fields of a form, so that its answer leads back here. */
export const viewFields = (view: ListView): readonly Html[] =>
  pairsOf(view).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">\n`)
