import { at, cisGke, type TerraformRule } from '../rule.ts'

export const gkeBasicAuth: TerraformRule = {
  id: 'terraform/gke-basic-auth',
  title: 'A cluster lets in by password or client certificate',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-287',
  recommendation: cisGke('5.8: authentication using basic passwords and client certificates is disabled'),
  fix: 'Take `username`, `password` and `issue_client_certificate = true` out of `master_auth`.',
  *examine(module) {
    for (const { address, find } of module.resources('google_container_cluster')) {
      const user = find('master_auth.username')
      if (typeof user.value === 'string' && user.value !== '') yield at(user, `${address} lets the user ${user.value} in by password`)
      const certificate = find('master_auth.client_certificate_config.issue_client_certificate')
      if (certificate.value === true) yield at(certificate, `${address} issues a client certificate, which cannot be revoked`)
    }
  },
}
