import { at, type TerraformRule } from '../rule.ts'

export const runIngress: TerraformRule = {
  id: 'terraform/run-ingress',
  title: 'A Cloud Run service can be reached past the load balancer',
  severity: 'low',
  confidence: 'high',
  cwe: 'CWE-668',
  recommendation: 'Google Cloud Run, "Restrict network ingress"; organization policy run.allowedIngress',
  fix: 'Set `ingress = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"`, or `"INGRESS_TRAFFIC_INTERNAL_ONLY"`; where its own URL is the public one, waive this.',
  *examine(module) {
    for (const { address, find } of module.resources('google_cloud_run_v2_service')) {
      const ingress = find('ingress')
      if (ingress.state === 'absent' || ingress.value === 'INGRESS_TRAFFIC_ALL') yield at(ingress, `${address} takes traffic from everywhere${ingress.state === 'absent' ? ', which is the default' : ''}`)
    }
    for (const [type, path, event] of [['google_cloudfunctions2_function', 'service_config.ingress_settings', 'event_trigger'], ['google_cloudfunctions_function', 'ingress_settings', 'event_trigger']] as const)
      for (const { address, find } of module.resources(type)) {
        const ingress = find(path)
        if (ingress.value === 'ALLOW_ALL' || (ingress.state === 'absent' && find(event).state === 'absent')) yield at(ingress, `${address} takes traffic from everywhere${ingress.state === 'absent' ? ', which is the default' : ''}`)
      }
  },
}
