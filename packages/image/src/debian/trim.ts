/**
 * What of a package does not enter an image. First match wins; a path that none matches is kept, so whoever asks why a file
 * is not there finds the line here.
 */
export interface TrimRule {
  readonly pattern: RegExp
  readonly isKept: boolean
  readonly why: string
}

export const trimRules: readonly TrimRule[] = [
  { pattern: /^(?:bin|sbin|lib|lib32|lib64|libx32)$/, isKept: false, why: 'with merged /usr each is a link, which the base layer makes' },
  { pattern: /^usr\/share\/doc(?:\/[^/]+(?:\/copyright)?)?$/, isKept: true, why: 'licences have to be passed on; a link to the documents of another package leads to its licence' },
  { pattern: /^usr\/share\/doc\//, isKept: false, why: 'nobody reads documents in a container' },
  { pattern: /^usr\/share\/(?:man|info|doc-base|lintian|gdb|bug|locale)(?:\/|$)/, isKept: false, why: 'for people and their tools' },
  { pattern: /^usr\/share\/gcc(?:\/|$)/, isKept: false, why: 'for debuggers' },
  { pattern: /^usr\/lib\/[^/]+\/gconv(?:\/|$)/, isKept: false, why: 'eight megabytes of character sets that Node, which brings its own, never asks for' },
  { pattern: /^usr\/s?bin\/./, isKept: false, why: 'no programs but Node: no shell, no package manager, nothing to set a user id with' },
  { pattern: /^usr\/share\/ca-certificates(?:\/|$)/, isKept: false, why: 'all of them are in the one bundle that programs read' },
  { pattern: /^usr\/share\/base-files(?:\/|$)/, isKept: false, why: 'templates for maintainer scripts, which do not run' },
  { pattern: /^etc\/(?:update-motd\.d|dpkg|ca-certificates|default|profile\.d)(?:\/|$)/, isKept: false, why: 'configures programs that are not there' },
]

/** Whether a path of a package enters an image. */
export function isKept(path: string): boolean {
  return trimRules.find(({ pattern }) => pattern.test(path))?.isKept ?? true
}
