import { actionOf } from './reference.ts'
import type { Step, WorkflowFile } from './workflow.ts'

const actions: readonly string[] = [
  'aquasecurity/trivy-action',
  'aquasecurity/tfsec-action',
  'anchore/scan-action',
  'bridgecrewio/checkov-action',
  'checkmarx/kics-github-action',
  'docker/scout-action',
  'github/codeql-action/analyze',
  'gitleaks/gitleaks-action',
  'google/osv-scanner-action',
  'actions/dependency-review-action',
  'returntocorp/semgrep-action',
  'semgrep/semgrep-action',
  'securego/gosec',
  'snyk/actions/node',
  'snyk/actions/docker',
  'snyk/actions/golang',
  'snyk/actions/python',
  'sonarsource/sonarqube-scan-action',
  'trufflesecurity/trufflehog',
  'zizmorcore/zizmor-action',
  'zaproxy/action-baseline',
  'zaproxy/action-full-scan',
]

const command = /^(?:npx |uvx |pipx run |sudo )?(trivy (?:image|fs|config|repo)|grype|snyk (?:test|container|code|iac)|bandit -|semgrep (?:ci|scan|--config)|gitleaks (?:detect|git|dir)|checkov|tfsec|kics scan|osv-scanner|npm audit|pnpm audit|yarn (?:npm )?audit|pip-audit|cargo audit|govulncheck|gosec|zizmor|trufflehog)\b/

/** The scanner that a step runs, by the name of its action or command. */
export function scannerOf(file: WorkflowFile, step: Step): string | undefined {
  const action = actionOf(step.uses)
  if (action !== undefined) return actions.includes(action) ? action : undefined
  return file
    .scriptOf(step)
    .map(({ text }) => command.exec(text)?.[1])
    .find((name) => name !== undefined)
}
