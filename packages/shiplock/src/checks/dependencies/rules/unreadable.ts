import type { Rule } from '@shiplock/findings'

export const unreadable: Rule = {
  id: 'dependencies/unreadable',
  title: 'A lock file or package.json cannot be read',
  severity: 'high',
  confidence: 'high',
  fix: 'Mend the file, or write it anew with your package manager; until then nothing is known of its packages.',
}
