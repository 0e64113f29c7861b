import { cis, eachField, type TerraformRule } from '../rule.ts'

const longest = 90 * 24 * 3600

export const kmsRotation: TerraformRule = {
  id: 'terraform/kms-rotation',
  title: 'A key is not rotated within 90 days',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-320',
  recommendation: cis('1.10'),
  fix: 'Set `rotation_period = "7776000s"` (90 days).',
  examine: eachField(['google_kms_crypto_key'], 'rotation_period', ({ state, value }, { find }) => {
    const purpose = find('purpose')
    // Only symmetric keys can be rotated by themselves; what is imported cannot be made anew.
    if ((purpose.state !== 'absent' && purpose.value !== 'ENCRYPT_DECRYPT') || find('import_only').state !== 'absent' || find('skip_initial_version_creation').state !== 'absent') return undefined
    if (state === 'absent') return 'is never rotated'
    const seconds = typeof value === 'string' ? /^(\d+)(?:\.\d+)?s$/.exec(value)?.[1] : undefined
    return seconds !== undefined && Number(seconds) > longest ? `is rotated every ${Math.ceil(Number(seconds) / 86_400)} days` : undefined
  }),
}
