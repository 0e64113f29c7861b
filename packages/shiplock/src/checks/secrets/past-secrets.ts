import type { FindingDraft } from '@shiplock/findings'
import type { History, PastContent } from '../check.ts'
import { toFindings, type FileHits, type Hit } from './hit.ts'

/** A history with more says how many more. */
const mostFindings = 1000

interface PastSecret {
  readonly content: PastContent
  readonly draft: FindingDraft
  /** How many contents hold it. */
  times: number
}

/**
 * Secrets of the history that the tree no longer has: one finding each, at the first commit that brought it. What it
 * is known by is the secret itself, which is why it lives in memory alone.
 */
export class PastSecrets {
  readonly #inTree: ReadonlySet<string>
  readonly #found = new Map<string, PastSecret>()

  constructor(inTree: ReadonlySet<string>) {
    this.#inTree = inTree
  }

  add(content: PastContent, file: FileHits): void {
    const drafts = new Map(toFindings(file).map((draft, index) => [file.hits[index], draft]))
    for (const hit of file.hits) {
      const identity = identityOf(hit)
      const known = this.#found.get(identity)
      const draft = drafts.get(hit)
      if (this.#inTree.has(identity)) continue
      if (known) {
        if (known.content !== content) known.times++
        // In a test it is less; once outside of one it is not.
        if (known.draft.severity !== undefined && draft && draft.severity === undefined) this.#found.set(identity, { ...known, content, draft })
      } else if (draft) this.#found.set(identity, { content, draft, times: 1 })
    }
  }

  findings({ lacks }: Pick<History, 'lacks'>): FindingDraft[] {
    const all = [...this.#found.values()]
    return all.slice(0, mostFindings).map(({ content: { commit, date }, draft, times }, index) => {
      const more = index === mostFindings - 1 ? all.length - mostFindings : 0
      return {
        ...draft,
        message: `${draft.message.replace(/^holds /, 'held ')} in commit ${commit.slice(0, 12)} of ${date}; it is gone from the tree and still in the history${more > 0 ? `, as are ${more} more secrets` : ''}`,
        detail: [`commit ${commit}, written on ${date}`, ...(times > 1 ? [`${times} versions of files hold it`] : []), ...(lacks === undefined ? [] : [`an earlier commit may have brought it: ${lacks}`])].join('\n'),
        fix: 'Replace the secret: who has a clone has it. A new commit does not take it out; rewriting the history (git filter-repo) does.',
      }
    })
  }
}

export const identityOf = ({ rule, secret }: Hit): string => `${rule.id}\0${secret}`
