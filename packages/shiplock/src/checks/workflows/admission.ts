import { data, type Expr } from '@actions/expressions'
import { Binary, FunctionCall, Grouping, Literal, Logical, Unary } from '@actions/expressions/ast'
import { TokenType } from '@actions/expressions/lexer'
import type { ContextPath } from './workflow.ts'

/** What is known of a value when somebody without rights has caused the run; undefined where nothing is. */
type Known =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'boolean'; readonly value: boolean }
  /** Whatever it is, it is not what somebody with rights has there: another repository, another login, no label. */
  | { readonly is: 'foreign' }
  /** What an earlier step or job has found out about rights: it stops here, however it is asked. */
  | { readonly is: 'verdict' }
  | undefined

/**
 * Whether a condition lets a run pass that a stranger has caused by an event: false only where it surely does not.
 * A condition that looks at who it was without asking for anybody (`github.actor != 'dependabot[bot]'`) lets them in.
 */
export function admits(tree: Expr | undefined, event: string, pathOf: (tree: Expr) => ContextPath | undefined): boolean | undefined {
  const know = (some: Expr): Known => {
    if (some instanceof Grouping) return know(some.group)
    if (some instanceof Literal) return some.literal.kind === data.Kind.Boolean ? { is: 'boolean', value: some.literal.coerceString() === 'true' } : { is: 'text', text: some.literal.coerceString() }
    // A list that is written out is asked as its text.
    if (some instanceof FunctionCall && /^fromjson$/i.test(some.functionName.lexeme) && some.args[0] instanceof Literal) return know(some.args[0])
    const path = pathOf(some)
    return path === undefined ? asKnown(decide(some)) : knownOf(path, event)
  }
  const decide = (some: Expr): boolean | undefined => {
    if (some instanceof Grouping) return decide(some.group)
    if (some instanceof Logical) {
      const parts = some.args.map(decide)
      const deciding = some.operator.type !== TokenType.AND
      return parts.includes(deciding) ? deciding : parts.every((part) => part === !deciding) ? !deciding : undefined
    }
    if (some instanceof Unary) return negated(decide(some.expr))
    if (some instanceof Binary) return compare(some, know(some.left), know(some.right))
    if (some instanceof FunctionCall) return call(some, some.args.map(know))
    return truth(know(some))
  }
  return tree && decide(tree)
}

const negated = (value: boolean | undefined) => (value === undefined ? undefined : !value)

const asKnown = (value: boolean | undefined): Known => (value === undefined ? undefined : { is: 'boolean', value })

function truth(known: Known): boolean | undefined {
  if (known?.is === 'boolean') return known.value
  if (known?.is === 'verdict') return false
  return known?.is === 'text' ? known.text !== '' : known && true
}

function compare({ operator }: Binary, left: Known, right: Known): boolean | undefined {
  if (operator.type !== TokenType.EQUAL_EQUAL && operator.type !== TokenType.BANG_EQUAL) return undefined
  if (left?.is === 'verdict' || right?.is === 'verdict') return false
  const isEqual = equal(left, right)
  return operator.type === TokenType.EQUAL_EQUAL ? isEqual : negated(isEqual)
}

function equal(left: Known, right: Known): boolean | undefined {
  if (left?.is === 'foreign' || right?.is === 'foreign') return isOpenToAll(left) || isOpenToAll(right) ? undefined : false
  if (!left || !right) return undefined
  // A text that is compared with a boolean becomes a number, and is none.
  if (left.is === 'text' && right.is === 'text') return left.text.toLowerCase() === right.text.toLowerCase()
  return left.is === 'boolean' && right.is === 'boolean' ? left.value === right.value : undefined
}

/** What somebody without rights can be too: the author of one merged change is a contributor for ever. */
const isOpenToAll = (known: Known) => known?.is === 'text' && /\b(?:NONE|MANNEQUIN|CONTRIBUTOR|FIRST_TIME\w*)\b|^pull_request|^$/i.test(known.text)

function call({ functionName }: FunctionCall, args: readonly Known[]): boolean | undefined {
  const name = functionName.lexeme.toLowerCase()
  if (name === 'always') return true
  if (!/^(?:contains|startswith|endswith)$/.test(name)) return undefined
  if (args.some((arg) => arg?.is === 'verdict')) return false
  if (args.some((arg) => arg?.is === 'foreign') && !args.some(isOpenToAll)) return false
  const [whole, part] = args
  if (whole?.is !== 'text' || part?.is !== 'text') return undefined
  const [text, sought] = [whole.text.toLowerCase(), part.text.toLowerCase()]
  return name === 'contains' ? text.includes(sought) : name === 'startswith' ? text.startsWith(sought) : text.endsWith(sought)
}

/** Only who may label, merge, or push here can make these what a condition asks for. */
const foreign = /^github\.(?:actor|triggering_actor|event\.(?:label\.name|workflow_run\.event|sender\.login|(?:pull_request|issue|comment|review|discussion|workflow_run\.(?:actor|triggering_actor))\.(?:user\.)?login|(?:.*\.)?author_association|(?:pull_request|issue)\.(?:labels|user)\.(?:\*\.name|login)|(?:pull_request\.head\.repo|workflow_run\.head_repository)\.(?:full_name|id|node_id|owner\.login|owner\.id)|pull_request\.head\.user\.login))$/

function knownOf(path: ContextPath, event: string): Known {
  if (path === 'github.event_name') return { is: 'text', text: event }
  if (foreign.test(path)) return { is: 'foreign' }
  if (/^github\.event\.(?:pull_request\.head\.repo|workflow_run\.head_repository)\.fork$/.test(path)) return { is: 'boolean', value: true }
  if (path === 'github.event.pull_request.merged') return { is: 'boolean', value: false }
  // That of a pull request is `refs/pull/…`; under pull_request_target it is the branch that it is to enter.
  if (/^github\.ref(?:_name|_type|_protected)?$/.test(path) && /^pull_request(?:_review.*)?$/.test(event)) return { is: 'foreign' }
  return /^(?:needs|steps)\..*(?:permission|authori[sz]|allowed|trusted|member|maintainer|collaborator|approved|is_?fork)/.test(path) ? { is: 'verdict' } : undefined
}
