import { secretVersions } from '../cloud-run.ts'
import { at, type TerraformRule } from '../rule.ts'

export const runSecretLatest: TerraformRule = {
  id: 'terraform/run-secret-latest',
  title: 'A secret changes under a running revision',
  severity: 'low',
  confidence: 'high',
  recommendation: 'Google Cloud Secret Manager, "Best practices": reference secrets by their version number, not by latest',
  fix: 'Name the version by its number, so that a new secret is a new revision that can be rolled back.',
  *examine(module) {
    for (const { address, version, name } of secretVersions(module)) if (version.value === 'latest') yield at(version, `${address} uses the latest version of the secret ${name}`.trimEnd())
  },
}
