import type { ScalarNode } from './tree.ts'
import type { Reference, Step } from './workflow.ts'

/** What `uses` names. */
export function readReference(node: ScalarNode): Reference {
  const { text } = node
  if (text.startsWith('./')) return { kind: 'local', path: text.slice(2), node }
  if (text.startsWith('docker://')) return { kind: 'image', image: text.slice('docker://'.length), node }
  const [, owner, name, path = '', ref] = /^([\w.-]+)\/([\w.-]+)((?:\/[^@]*)?)@([^@]+)$/.exec(text) ?? []
  if (owner === undefined || name === undefined || ref === undefined || ref.includes('${{')) return { kind: 'other', node }
  return { kind: 'repository', owner, name, path: path.slice(1), ref, isCommit: /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(ref), node }
}

/** `owner/name` or `owner/name/path` in lower case, since GitHub compares without case. */
export function actionOf(uses: Reference | undefined): string | undefined {
  if (uses?.kind !== 'repository') return undefined
  return `${uses.owner}/${uses.name}${uses.path === '' ? '' : `/${uses.path}`}`.toLowerCase()
}

export const isAction = (step: Step, ...names: readonly string[]): boolean => names.includes(actionOf(step.uses) ?? '')

/** The leading number of a version tag, `v4.1` → 4. */
export function majorOf(uses: Reference | undefined): number | undefined {
  const major = uses?.kind === 'repository' && !uses.isCommit ? /^v?(\d+)(?:\.|$)/.exec(uses.ref)?.[1] : undefined
  return major === undefined ? undefined : Number(major)
}

/** An image that is not named by its digest; one whose name is an expression is not judged. */
export const isMutableImage = (image: string): boolean => image !== '' && !/@sha256:[0-9a-f]{64}$/.test(image) && !image.includes('${{')
