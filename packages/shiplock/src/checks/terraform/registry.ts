import type { Resource } from './module.ts'

/** The format of a repository that holds what is its own: not a mirror, whose tags are somebody else's. */
export function cloudFormat({ find }: Resource): string | undefined {
  const format = find('format').value
  const mode = find('mode')
  return typeof format === 'string' && (mode.state === 'absent' || mode.value === 'STANDARD_REPOSITORY') ? format.toUpperCase() : undefined
}
