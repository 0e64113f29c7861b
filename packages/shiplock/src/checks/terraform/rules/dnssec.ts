import { cis, at, type TerraformRule } from '../rule.ts'

export const dnssec: TerraformRule = {
  id: 'terraform/dnssec',
  title: 'A public zone is not signed',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-345',
  recommendation: `${cis('3.3')}, 3.4 and 3.5`,
  fix: 'Set `state = "on"` in `dnssec_config`, and no `rsasha1` in its keys.',
  *examine(module) {
    for (const { address, find, view } of module.resources('google_dns_managed_zone')) {
      const visibility = find('visibility')
      if (visibility.state !== 'absent' && visibility.value !== 'public') continue
      const state = find('dnssec_config.state')
      if (state.state === 'absent' || state.value === 'off') yield at(state, `${address} is not signed`)
      for (const config of view.blocks('dnssec_config'))
        for (const keys of config.blocks('default_key_specs')) {
          const algorithm = keys.find('algorithm')
          if (algorithm.value === 'rsasha1') yield at(algorithm, `${address} signs with rsasha1`)
        }
    }
  },
}
