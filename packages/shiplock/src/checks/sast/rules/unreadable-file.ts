import type { Rule } from '@shiplock/findings'

export const unreadableFile: Rule = {
  id: 'sast/unreadable-file',
  title: 'A source file that could not be read, or not all of it',
  severity: 'high',
  confidence: 'high',
  fix: 'Mend its syntax or split it, or name it in `exclude` where it is no source of this program.',
}
