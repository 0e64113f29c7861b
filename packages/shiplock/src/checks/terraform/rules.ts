import { auditLogExemption } from './rules/audit-log-exemption.ts'
import { basicRole } from './rules/basic-role.ts'
import { bigqueryPublic } from './rules/bigquery-public.ts'
import { bucketPublic } from './rules/bucket-public.ts'
import { bucketPublicAccessPrevention } from './rules/bucket-public-access-prevention.ts'
import { bucketUniformAccess } from './rules/bucket-uniform-access.ts'
import { bucketVersioning } from './rules/bucket-versioning.ts'
import { defaultNetwork } from './rules/default-network.ts'
import { defaultServiceAccountRole } from './rules/default-service-account-role.ts'
import { dnssec } from './rules/dnssec.ts'
import { firewallAll } from './rules/firewall-all.ts'
import { firewallDatabase } from './rules/firewall-database.ts'
import { firewallRdp } from './rules/firewall-rdp.ts'
import { firewallSsh } from './rules/firewall-ssh.ts'
import { flowLogs } from './rules/flow-logs.ts'
import { gkeBasicAuth } from './rules/gke-basic-auth.ts'
import { gkeLegacyAbac } from './rules/gke-legacy-abac.ts'
import { gkeNodeServiceAccount } from './rules/gke-node-service-account.ts'
import { gkeOpenControlPlane } from './rules/gke-open-control-plane.ts'
import { gkePublicNodes } from './rules/gke-public-nodes.ts'
import { gkeShieldedNodes } from './rules/gke-shielded-nodes.ts'
import { gkeWorkloadIdentity } from './rules/gke-workload-identity.ts'
import { httpOnly } from './rules/http-only.ts'
import { httpState } from './rules/http-state.ts'
import { impersonationOnProject } from './rules/impersonation-on-project.ts'
import { instanceFullScope } from './rules/instance-full-scope.ts'
import { instanceIpForwarding } from './rules/instance-ip-forwarding.ts'
import { instanceOsLogin } from './rules/instance-os-login.ts'
import { instanceProjectKeys } from './rules/instance-project-keys.ts'
import { instancePublicIp } from './rules/instance-public-ip.ts'
import { instanceSerialPort } from './rules/instance-serial-port.ts'
import { instanceShieldedVm } from './rules/instance-shielded-vm.ts'
import { kmsPublic } from './rules/kms-public.ts'
import { kmsRotation } from './rules/kms-rotation.ts'
import { localState } from './rules/local-state.ts'
import { moduleInsecureSource } from './rules/module-insecure-source.ts'
import { moduleUnpinned } from './rules/module-unpinned.ts'
import { preventDestroy } from './rules/prevent-destroy.ts'
import { providerVersion } from './rules/provider-version.ts'
import { publicIam } from './rules/public-iam.ts'
import { pubsubPublic } from './rules/pubsub-public.ts'
import { redisOpen } from './rules/redis-open.ts'
import { registryCleanup } from './rules/registry-cleanup.ts'
import { registryMutableTags } from './rules/registry-mutable-tags.ts'
import { registryPublic } from './rules/registry-public.ts'
import { remoteScript } from './rules/remote-script.ts'
import { requiredVersion } from './rules/required-version.ts'
import { runDefaultServiceAccount } from './rules/run-default-service-account.ts'
import { runDeletionProtection } from './rules/run-deletion-protection.ts'
import { runIngress } from './rules/run-ingress.ts'
import { runMutableImage } from './rules/run-mutable-image.ts'
import { runPlainSecret } from './rules/run-plain-secret.ts'
import { runPublic } from './rules/run-public.ts'
import { runSecretLatest } from './rules/run-secret-latest.ts'
import { secretInState } from './rules/secret-in-state.ts'
import { sensitiveOutput } from './rules/sensitive-output.ts'
import { serviceAccountKey } from './rules/service-account-key.ts'
import { sqlBackups } from './rules/sql-backups.ts'
import { sqlDeletionProtection } from './rules/sql-deletion-protection.ts'
import { sqlFlags } from './rules/sql-flags.ts'
import { sqlOpenNetwork } from './rules/sql-open-network.ts'
import { sqlPlainPassword } from './rules/sql-plain-password.ts'
import { sqlPointInTimeRecovery } from './rules/sql-point-in-time-recovery.ts'
import { sqlPublicIp } from './rules/sql-public-ip.ts'
import { sqlTls } from './rules/sql-tls.ts'
import { sslPolicy } from './rules/ssl-policy.ts'
import { unparsable } from './rules/unparsable.ts'
import { unreadable } from './rules/unreadable.ts'
import { variableSecretDefault } from './rules/variable-secret-default.ts'
import { workloadIdentityCondition } from './rules/workload-identity-condition.ts'
import { workloadIdentityWildcard } from './rules/workload-identity-wildcard.ts'
import type { TerraformRule } from './rule.ts'

/** In the order of the page. */
export const rules: readonly TerraformRule[] = [
  unparsable,
  unreadable,
  basicRole,
  serviceAccountKey,
  impersonationOnProject,
  defaultServiceAccountRole,
  publicIam,
  workloadIdentityCondition,
  workloadIdentityWildcard,
  auditLogExemption,
  sqlPublicIp,
  sqlOpenNetwork,
  sqlTls,
  sqlBackups,
  sqlPointInTimeRecovery,
  sqlDeletionProtection,
  sqlPlainPassword,
  sqlFlags,
  bucketPublic,
  bucketUniformAccess,
  bucketPublicAccessPrevention,
  bucketVersioning,
  runPublic,
  runDefaultServiceAccount,
  runIngress,
  runMutableImage,
  runPlainSecret,
  runSecretLatest,
  runDeletionProtection,
  secretInState,
  variableSecretDefault,
  sensitiveOutput,
  firewallSsh,
  firewallRdp,
  firewallAll,
  firewallDatabase,
  defaultNetwork,
  flowLogs,
  dnssec,
  sslPolicy,
  httpOnly,
  instancePublicIp,
  instanceSerialPort,
  instanceOsLogin,
  instanceProjectKeys,
  instanceFullScope,
  instanceIpForwarding,
  instanceShieldedVm,
  kmsRotation,
  kmsPublic,
  preventDestroy,
  gkeLegacyAbac,
  gkeBasicAuth,
  gkePublicNodes,
  gkeWorkloadIdentity,
  gkeOpenControlPlane,
  gkeNodeServiceAccount,
  gkeShieldedNodes,
  redisOpen,
  bigqueryPublic,
  pubsubPublic,
  registryPublic,
  registryMutableTags,
  registryCleanup,
  localState,
  httpState,
  providerVersion,
  requiredVersion,
  moduleUnpinned,
  moduleInsecureSource,
  remoteScript,
]
