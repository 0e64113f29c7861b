import { at, type TerraformRule } from '../rule.ts'

export const httpOnly: TerraformRule = {
  id: 'terraform/http-only',
  title: 'A load balancer serves plain HTTP',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-319',
  recommendation: 'Google Cloud Load Balancing, "Set up HTTP-to-HTTPS redirect"',
  fix: 'Serve HTTPS, and let the HTTP proxy only redirect: a `google_compute_url_map` with `default_url_redirect { https_redirect = true }`.',
  *examine(module) {
    // A module that has an HTTPS proxy too has thought of it; whether the other one redirects may be decided elsewhere.
    if (!module.source.isWhole || module.resources('google_compute_target_https_proxy', 'google_compute_region_target_https_proxy').length > 0) return
    const maps = module.resources('google_compute_url_map', 'google_compute_region_url_map')
    if (maps.some(({ find }) => find('default_url_redirect').state !== 'absent')) return
    const isInternal = module.resources('google_compute_forwarding_rule', 'google_compute_global_forwarding_rule').some(({ find }) => {
      const scheme = find('load_balancing_scheme')
      return scheme.state === 'unknown' || (scheme.state === 'set' && !String(scheme.value ?? 'INTERNAL').startsWith('EXTERNAL'))
    })
    if (isInternal) return
    for (const { address, find } of module.resources('google_compute_target_http_proxy')) {
      const map = find('url_map')
      // A map from elsewhere may redirect.
      if (map.raw?.kind === 'unknown' && map.raw.reference?.startsWith('google_compute_url_map.')) yield at(map, `${address} serves ${map.raw.reference.split('.')[1] ?? 'its map'} without TLS`)
    }
  },
}
