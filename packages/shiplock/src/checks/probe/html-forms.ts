import { defaultTreeAdapter as tree, parse } from 'parse5'
import { attribute, childrenOf, elementsOf, hasOne, textOf, type Element, type Node } from './html-nodes.ts'

/** A control of a form that sends something (HTML, "constructing the entry list"). */
export interface Field {
  readonly name: string
  /** `hidden`, `text`, `checkbox`, …; `select` and `textarea` for those. */
  readonly kind: string
  readonly value: string
  readonly min?: string
  readonly maxLength?: number
}

/** One way to send a form by POST: with one of its buttons, or with none where it has none. */
export interface Submission {
  /** As written in the page; empty is the page itself. */
  readonly action: string
  readonly enctype: string
  readonly fields: readonly Field[]
  readonly button?: { readonly name: string; readonly value: string }
  /** What a person reads on the button. */
  readonly label: string
  /** Whether it stands in one row of a list or table. */
  readonly isInRow: boolean
  /** The text of that row; of a form outside of lists, the text of what holds it and no other form. */
  readonly around: string
}

/** A page that has more is hostile, or no page that a person uses. */
const mostForms = 200
const mostSubmissions = 500
const mostFields = 200
const mostButtons = 50

/** Every way to send a form of the page by POST, in the order of the page. Never throws: what is no HTML has no forms. */
export function postForms(html: string): readonly Submission[] {
  const placed = [...placedElements(parse(html))]
  const forms = placed.filter(({ element }) => element.tagName === 'form').slice(0, mostForms)
  const byId = new Map(forms.toReversed().map(({ element }) => [attribute(element, 'id'), element]))
  const controls = Map.groupBy(placed, ({ element, form }) => {
    const owner = attribute(element, 'form')
    return owner === undefined ? form : byId.get(owner)
  })
  return forms.flatMap((form) => submissionsOf(form, controls.get(form.element) ?? [])).slice(0, mostSubmissions)
}

interface Placed {
  readonly element: Element
  /** The form and the row that it is in. */
  readonly form: Element | undefined
  readonly row: Element | undefined
}

function submissionsOf({ element: form, row: rowOfForm }: Placed, controls: readonly Placed[]): Submission[] {
  const enabled = controls.filter(({ element }) => attribute(element, 'disabled') === undefined)
  const fields = enabled.flatMap(({ element }) => fieldsOf(element)).slice(0, mostFields)
  const buttons = enabled.filter(({ element }) => isSubmit(element)).slice(0, mostButtons)
  return (buttons.length > 0 ? buttons : [undefined]).flatMap((placed) => {
    const button = placed?.element
    const own = (name: string) => (button && attribute(button, `form${name}`)) ?? attribute(form, name) ?? ''
    if (own('method').toLowerCase() !== 'post') return []
    const name = button && attribute(button, 'name')
    const row = placed?.row ?? rowOfForm
    return [
      {
        action: own('action'),
        enctype: own('enctype').toLowerCase(),
        fields,
        ...(button && name && { button: { name, value: attribute(button, 'value') ?? '' } }),
        label: button ? labelOf(button) : '',
        isInRow: row !== undefined,
        around: row ? textOf(row) : aroundOf(form),
      },
    ]
  })
}

function fieldsOf(element: Element): Field[] {
  const name = attribute(element, 'name')
  if (!name) return []
  const maxLength = Number(attribute(element, 'maxlength'))
  const limit = Number.isInteger(maxLength) && maxLength > 0 ? { maxLength } : {}
  if (element.tagName === 'textarea') return [{ name, kind: 'textarea', value: textOf(element), ...limit }]
  if (element.tagName === 'select') {
    const options = elementsOf(element).filter(({ tagName }) => tagName === 'option')
    const chosen =
      options.find((option) => attribute(option, 'selected') !== undefined) ??
      options.find((option) => attribute(option, 'value') !== '') ??
      options[0]
    return chosen ? [{ name, kind: 'select', value: attribute(chosen, 'value') ?? textOf(chosen).trim() }] : []
  }
  if (element.tagName !== 'input') return []
  const kind = (attribute(element, 'type') ?? 'text').toLowerCase()
  if (['submit', 'image', 'button', 'reset'].includes(kind)) return []
  const isChoice = kind === 'checkbox' || kind === 'radio'
  const isSent = !isChoice || attribute(element, 'checked') !== undefined || attribute(element, 'required') !== undefined
  const min = attribute(element, 'min')
  return isSent
    ? [{ name, kind, value: attribute(element, 'value') ?? (isChoice ? 'on' : ''), ...(min !== undefined && { min }), ...limit }]
    : []
}

function isSubmit(element: Element): boolean {
  const type = attribute(element, 'type')?.toLowerCase()
  if (element.tagName === 'button') return type !== 'button' && type !== 'reset'
  return element.tagName === 'input' && (type === 'submit' || type === 'image')
}

const labelOf = (button: Element) =>
  (attribute(button, 'aria-label') ?? (textOf(button).trim() || attribute(button, 'value') || '')).replace(/\s+/g, ' ').slice(0, 60)

const rows = new Set(['li', 'tr', 'article'])

/** In the order of the page, without recursion: a hostile page is nested as deep as it is long. */
function* placedElements(root: Node): Generator<Placed> {
  const stack: { node: Node; form?: Element; row?: Element }[] = [{ node: root }]
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { node, form, row } = top
    const element = tree.isElementNode(node) ? node : undefined
    if (element) yield { element, form, row }
    const inForm = element?.tagName === 'form' ? element : form
    const inRow = element && rows.has(element.tagName) ? element : row
    for (const child of childrenOf(node).toReversed())
      stack.push({ node: child, ...(inForm && { form: inForm }), ...(inRow && { row: inRow }) })
  }
}

function aroundOf(form: Element): string {
  const { parentNode: parent } = form
  const isAlone = parent && tree.isElementNode(parent) && parent.tagName !== 'body' && hasOne(parent, 'form')
  return textOf(isAlone ? parent : form)
}
