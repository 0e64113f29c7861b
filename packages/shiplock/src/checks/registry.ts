// Written by packages/shiplock/scripts/write-registry.ts from the names of the folders here.
import type { RuleId } from '@shiplock/findings'
import type { Check } from './check.ts'
import actionlint from './actionlint/index.ts'
import checkov from './checkov/index.ts'
import dependencies from './dependencies/index.ts'
import dockerfile from './dockerfile/index.ts'
import gitleaks from './gitleaks/index.ts'
import hadolint from './hadolint/index.ts'
import lint from './lint/index.ts'
import osvScanner from './osv-scanner/index.ts'
import probe from './probe/index.ts'
import repository from './repository/index.ts'
import sast from './sast/index.ts'
import secrets from './secrets/index.ts'
import terraform from './terraform/index.ts'
import tests from './tests/index.ts'
import trivy from './trivy/index.ts'
import types from './types/index.ts'
import vulnerabilities from './vulnerabilities/index.ts'
import workflows from './workflows/index.ts'
import zizmor from './zizmor/index.ts'

/** Every check by its id. Loading it loads rules and options only; what a check runs is loaded when it runs. */
export const registry = {
  actionlint,
  checkov,
  dependencies,
  dockerfile,
  gitleaks,
  hadolint,
  lint,
  'osv-scanner': osvScanner,
  probe,
  repository,
  sast,
  secrets,
  terraform,
  tests,
  trivy,
  types,
  vulnerabilities,
  workflows,
  zizmor,
}

export const checks: readonly Check[] = Object.values(registry)

/** Rules by the short number that some have. */
export const ruleOfAlias: ReadonlyMap<string, RuleId> = new Map(checks.flatMap(({ rules }) => rules.flatMap(({ alias, id }) => (alias === undefined ? [] : [[alias, id] as const]))))
