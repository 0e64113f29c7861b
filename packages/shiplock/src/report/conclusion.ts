import { count, unreachable, type Reason, type RunRecord } from '@shiplock/findings'

/** What a run came to, in words. All of it may hold text from outside. */
export interface Conclusion {
  readonly tone: 'good' | 'caution' | 'bad'
  /** Two or three words. */
  readonly headline: string
  /** One or two sentences that need no knowledge of Shiplock. */
  readonly explanation: string
}

/** The verdict is about the commit; a run can still end badly after it, so the worse of the two is what is said. */
export function conclude(record: RunRecord): Conclusion {
  return endedBadly(record) ?? decided(record)
}

function endedBadly(record: RunRecord): Conclusion | undefined {
  const { release, stages, exitCode } = record
  const broken = stages.find((stage) => stage.status === 'internal-error')
  if (release?.result === 'rollback-failed') {
    return bad('A person is needed', `Traffic could not be given back to the stable revision${release.stable ? ` ${release.stable}` : ''}.`)
  }
  if (broken) return bad('Internal error', `The stage ${broken.title} met a bug in Shiplock. Nothing is claimed about the commit.`)
  if (exitCode === 130 || stages.some((stage) => stage.status === 'cancelled')) {
    return bad('Interrupted', 'The run was stopped before it ended. Nothing is claimed about the commit.')
  }
  if (release?.result === 'kept-stable') {
    return bad('Not released', `The candidate was not good enough. ${release.stable ?? 'The stable revision'} serves as before.`)
  }
  if (release?.result === 'removed') {
    return bad('Not released', 'The first revision was not good enough and was removed. Nothing serves.')
  }
  // A check that failed counts through the verdict.
  const failed = stages.find((stage) => stage.status === 'failed' && !stage.outcome)
  if (failed && isOpen(record)) return bad('Not finished', `The gates opened, but the stage ${failed.title} failed.`)
  return undefined
}

function decided(record: RunRecord): Conclusion {
  const { verdict } = record
  const meant = [...(verdict.isAboutStagedOnly ? ['what is staged'] : []), ...(verdict.isAboutNewOnly ? ['what is new since the baseline'] : [])].join(', of that ')
  const blocking = verdict.gates.reduce((sum, gate) => sum + gate.blocking.length, 0)
  switch (verdict.decision) {
    case 'allowed':
      return { tone: 'good', headline: 'Allowed', explanation: `Every gate is open${meant === '' ? '' : ` to ${meant}`}.${released(record)}` }
    case 'provisional':
      return {
        tone: 'caution',
        headline: 'Provisional',
        explanation:
          record.plan.target === 'none'
            ? 'Nothing keeps the gate shut, but not everything could be proven: good for the local target, never for the cloud.'
            : `Good for the local target, never for the cloud: not everything is promised yet.${released(record)}`,
      }
    case 'refused':
      return bad(
        'Refused',
        blocking > 0
          ? `The commit goes no further: ${count(blocking, 'finding')}${meant === '' ? '' : ` in ${meant}`} keep${blocking === 1 ? 's' : ''} the gate shut.${despite(record)}`
          : `The commit goes no further.${despite(record)}`,
      )
    case 'undecided':
      return bad('Undecided', 'Not everything could be looked at, so the gate stays shut.')
    default:
      return unreachable(verdict.decision)
  }
}

/** A refusal that ends with 0 was asked to. */
const despite = ({ exitCode }: RunRecord) => (exitCode === 0 ? ' The exit code is 0 all the same, by --exit-zero.' : '')

function released({ release }: RunRecord): string {
  if (release?.result === 'promoted') return ` ${release.candidate ?? 'The candidate'} serves all traffic.`
  if (release?.result === 'shown') return ` ${release.candidate ?? 'It'} is shown as a preview.`
  if (release?.result === 'unchanged') return ` ${release.stable ?? 'The revision that serves'} already runs this image; nothing was to do.`
  return ''
}

/** A reason as one sentence that begins with its check, where it has one, whether or not its text names it already. */
export function reasonSentence({ check = '', text }: Reason): { readonly check: string; readonly rest: string } {
  if (check === '') return { check, rest: text }
  return { check, rest: text.startsWith(check) ? text.slice(check.length) : `: ${text}` }
}

const isOpen = ({ verdict }: RunRecord) => verdict.decision === 'allowed' || verdict.decision === 'provisional'
const bad = (headline: string, explanation: string): Conclusion => ({ tone: 'bad', headline, explanation })
