import type { PinnedAction } from './workflow.ts'

/**
 * The actions that our workflows use, each by the commit that its own repository's tag names. The check `workflows` holds
 * the same triples; a newer one is a change here, or Dependabot's in the workflow, which `shiplock ci check` then names.
 */
const pinned = (action: string, version: string, commit: string): PinnedAction => ({ action, version, commit })

export const actions = {
  checkout: pinned('actions/checkout', 'v7.0.1', '3d3c42e5aac5ba805825da76410c181273ba90b1'),
  setupNode: pinned('actions/setup-node', 'v7.0.0', '820762786026740c76f36085b0efc47a31fe5020'),
  uploadSarif: pinned('github/codeql-action/upload-sarif', 'v4.36.2', '8aad20d150bbac5944a9f9d289da16a4b0d87c1e'),
  uploadArtifact: pinned('actions/upload-artifact', 'v7.0.0', 'bbbca2ddaa5d8feaa63e36b76fdaad77386f024f'),
  googleAuth: pinned('google-github-actions/auth', 'v3.0.0', '7c6bc770dae815cd3e89ee6cdf493a5fab2cc093'),
  hardenRunner: pinned('step-security/harden-runner', 'v2.20.1', 'b09bb98e06d4d774595224525879c09bc6e98c40'),
  setupTerraform: pinned('hashicorp/setup-terraform', 'v4.0.1', 'dfe3c3f87815947d99a8997f908cb6525fc44e9e'),
} as const
