import { isInternet } from '../internet.ts'
import { at, cis, type TerraformRule } from '../rule.ts'

export const sqlOpenNetwork: TerraformRule = {
  id: 'terraform/sql-open-network',
  title: 'A Cloud SQL instance lets the whole internet in',
  severity: 'critical',
  confidence: 'high',
  cwe: 'CWE-284',
  recommendation: cis('6.5'),
  fix: 'Connect through the Cloud SQL connector or a private address, and authorize no network; else only the few addresses that need it.',
  *examine(module) {
    for (const { address, view } of module.resources('google_sql_database_instance'))
      for (const settings of view.blocks('settings'))
        for (const configuration of settings.blocks('ip_configuration'))
          for (const network of configuration.blocks('authorized_networks')) {
            const field = network.find('value')
            if (isInternet(field.value)) yield at(field, `${address} authorizes ${String(field.value)}`)
          }
  },
}
