import { at, type TerraformRule } from '../rule.ts'

export const redisOpen: TerraformRule = {
  id: 'terraform/redis-open',
  title: 'A Redis instance asks for no password',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-306',
  recommendation: 'Google Cloud Memorystore for Redis, "About Redis AUTH" and "About in-transit encryption"',
  fix: 'Set `auth_enabled = true` and `transit_encryption_mode = "SERVER_AUTHENTICATION"`.',
  *examine(module) {
    for (const { address, find } of module.resources('google_redis_instance')) {
      const auth = find('auth_enabled')
      const encryption = find('transit_encryption_mode')
      if (auth.state === 'absent' || auth.value === false) yield at(auth, `${address} asks for no password`)
      else if (encryption.state === 'absent' || encryption.value === 'DISABLED') yield { ...at(encryption, `${address} takes its password and its data without TLS`), severity: 'low' }
    }
  },
}
