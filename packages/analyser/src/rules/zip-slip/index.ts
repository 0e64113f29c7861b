import { defineRule } from '../rule.ts'

export default defineRule({
  id: 'sast/zip-slip',
  alias: 'SL107',
  title: 'A path from an archive that may lead out of the directory',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-22',
  alsoCwe: ['CWE-29'],
  fix: 'Resolve each entry against the target directory and refuse it unless the result still begins with that directory and a separator',
  flows: { kinds: ['path'], origins: ['archive'] },
  sink: 'the path of an extracted file',
})
