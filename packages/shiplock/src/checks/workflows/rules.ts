import type { Rule } from '@shiplock/findings'
import { allSecrets } from './rules/all-secrets.ts'
import { alwaysTrueCondition } from './rules/always-true-condition.ts'
import { appTokenScope } from './rules/app-token-scope.ts'
import { artifactPoisoning } from './rules/artifact-poisoning.ts'
import { broadPermissions } from './rules/broad-permissions.ts'
import { cachePoisoning } from './rules/cache-poisoning.ts'
import { compromisedAction } from './rules/compromised-action.ts'
import { deprecatedAction } from './rules/deprecated-action.ts'
import { deprecatedCommand } from './rules/deprecated-command.ts'
import { environmentInjection } from './rules/environment-injection.ts'
import { expressionInUses } from './rules/expression-in-uses.ts'
import { hardCodedCredentials } from './rules/hard-coded-credentials.ts'
import { ignoredSecurityStep } from './rules/ignored-security-step.ts'
import { inheritedSecrets } from './rules/inherited-secrets.ts'
import { inputInjection } from './rules/input-injection.ts'
import { insecureCommands } from './rules/insecure-commands.ts'
import { invalid } from './rules/invalid.ts'
import { longLivedCloudKey } from './rules/long-lived-cloud-key.ts'
import { longLivedPublishToken } from './rules/long-lived-publish-token.ts'
import { missingConcurrency } from './rules/missing-concurrency.ts'
import { missingContentsPermission } from './rules/missing-contents-permission.ts'
import { missingPermissions } from './rules/missing-permissions.ts'
import { missingTimeout } from './rules/missing-timeout.ts'
import { mistakenCommit } from './rules/mistaken-commit.ts'
import { mutableDeployment } from './rules/mutable-deployment.ts'
import { obfuscatedReference } from './rules/obfuscated-reference.ts'
import { oidcInPullRequest } from './rules/oidc-in-pull-request.ts'
import { overprovisionedSecret } from './rules/overprovisioned-secret.ts'
import { persistedCredentials } from './rules/persisted-credentials.ts'
import { personalAccessToken } from './rules/personal-access-token.ts'
import { pipedDownload } from './rules/piped-download.ts'
import { retiredRunner } from './rules/retired-runner.ts'
import { scannerBesideCloudKey } from './rules/scanner-beside-cloud-key.ts'
import { scriptInjection } from './rules/script-injection.ts'
import { secretInArguments } from './rules/secret-in-arguments.ts'
import { secretInLog } from './rules/secret-in-log.ts'
import { selfHostedRunner } from './rules/self-hosted-runner.ts'
import { spoofableActor } from './rules/spoofable-actor.ts'
import { substringCondition } from './rules/substring-condition.ts'
import { templateInjection } from './rules/template-injection.ts'
import { unfilteredSarifGate } from './rules/unfiltered-sarif-gate.ts'
import { unguardedCommentCommand } from './rules/unguarded-comment-command.ts'
import { unmaskedSecret } from './rules/unmasked-secret.ts'
import { unparsable } from './rules/unparsable.ts'
import { unpinnedAction } from './rules/unpinned-action.ts'
import { unpinnedFirstPartyAction } from './rules/unpinned-first-party-action.ts'
import { unpinnedImage } from './rules/unpinned-image.ts'
import { unpinnedReusableWorkflow } from './rules/unpinned-reusable-workflow.ts'
import { untrustedCheckout } from './rules/untrusted-checkout.ts'
import { writeAllPermissions } from './rules/write-all-permissions.ts'
import type { WorkflowRule } from './workflow.ts'

/** What is looked for in a file that could be read. */
export const workflowRules: readonly WorkflowRule[] = [
  allSecrets,
  alwaysTrueCondition,
  appTokenScope,
  artifactPoisoning,
  broadPermissions,
  cachePoisoning,
  compromisedAction,
  deprecatedAction,
  deprecatedCommand,
  environmentInjection,
  expressionInUses,
  hardCodedCredentials,
  ignoredSecurityStep,
  inheritedSecrets,
  inputInjection,
  insecureCommands,
  longLivedCloudKey,
  longLivedPublishToken,
  missingConcurrency,
  missingContentsPermission,
  missingPermissions,
  missingTimeout,
  mistakenCommit,
  mutableDeployment,
  obfuscatedReference,
  oidcInPullRequest,
  overprovisionedSecret,
  persistedCredentials,
  personalAccessToken,
  pipedDownload,
  retiredRunner,
  scannerBesideCloudKey,
  scriptInjection,
  secretInArguments,
  secretInLog,
  selfHostedRunner,
  spoofableActor,
  substringCondition,
  templateInjection,
  unfilteredSarifGate,
  unguardedCommentCommand,
  unmaskedSecret,
  unpinnedAction,
  unpinnedFirstPartyAction,
  unpinnedImage,
  unpinnedReusableWorkflow,
  untrustedCheckout,
  writeAllPermissions,
]

export const rules: readonly Rule[] = [...workflowRules, invalid, unparsable]
