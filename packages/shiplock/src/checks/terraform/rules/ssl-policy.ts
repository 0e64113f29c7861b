import { cis, at, type TerraformRule } from '../rule.ts'

export const sslPolicy: TerraformRule = {
  id: 'terraform/ssl-policy',
  title: 'A load balancer takes old TLS',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-326',
  recommendation: cis('3.9'),
  fix: 'Set `min_tls_version = "TLS_1_2"` and `profile = "MODERN"` or `"RESTRICTED"`, and name the policy in the proxy.',
  *examine(module) {
    for (const { address, find } of module.resources('google_compute_ssl_policy', 'google_compute_region_ssl_policy')) {
      const version = find('min_tls_version')
      const profile = find('profile')
      if (version.state === 'absent' || version.value === 'TLS_1_0' || version.value === 'TLS_1_1') yield at(version, `${address} takes ${version.value === 'TLS_1_1' ? 'TLS 1.1' : 'TLS 1.0'}`)
      else if (profile.state === 'absent' || profile.value === 'COMPATIBLE') yield at(profile, `${address} takes weak ciphers (COMPATIBLE)`)
    }
    for (const { address, find } of module.resources('google_compute_target_https_proxy', 'google_compute_target_ssl_proxy')) {
      const policy = find('ssl_policy')
      if (policy.state === 'absent') yield at(policy, `${address} has no ssl_policy, so it takes TLS 1.0`)
    }
  },
}
