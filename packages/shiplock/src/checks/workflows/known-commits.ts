/** Releases of actions by their commit: who names one of these commits names this repository and this version. */
export interface KnownRelease {
  /** `owner/name` in lower case. */
  readonly repository: string
  readonly version: string
}

const releases: readonly (readonly [repository: string, version: string, commit: string])[] = [
  ['actions/checkout', 'v7.0.1', '3d3c42e5aac5ba805825da76410c181273ba90b1'],
  ['actions/setup-node', 'v7.0.0', '820762786026740c76f36085b0efc47a31fe5020'],
  ['actions/cache', 'v6.1.0', '55cc8345863c7cc4c66a329aec7e433d2d1c52a9'],
  ['actions/cache', 'v5.0.5', '27d5ce7f107fe9357f9df03efb73ab90386fccae'],
  ['actions/upload-artifact', 'v7.0.1', '043fb46d1a93c77aae656e7c1c64a875d1fc6a0a'],
  ['actions/upload-artifact', 'v7.0.0', 'bbbca2ddaa5d8feaa63e36b76fdaad77386f024f'],
  ['actions/download-artifact', 'v8.0.1', '3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c'],
  ['github/codeql-action', 'v4.37.3', 'e4fba868fa4b1b91e1fdab776edc8cfbe6e9fb81'],
  ['github/codeql-action', 'v4.36.2', '8aad20d150bbac5944a9f9d289da16a4b0d87c1e'],
  ['google-github-actions/auth', 'v3.0.0', '7c6bc770dae815cd3e89ee6cdf493a5fab2cc093'],
  ['google-github-actions/setup-gcloud', 'v3.0.1', 'aa5489c8933f4cc7a4f7d45035b3b1440c9c10db'],
  ['google-github-actions/deploy-cloudrun', 'v3.0.1', '2028e2d7d30a78c6910e0632e48dd561b064884d'],
  ['actions/attest', 'v4.2.2', '1e69f48acb82d1966a394da916b4c1698aa569d6'],
  ['actions/attest-build-provenance', 'v4.2.2', '4d101475d8b20a2381f78447822ac1eab6504dd8'],
  ['actions/attest-build-provenance', 'v4.1.0', 'a2bbfa25375fe432b6a289bc6b6cd05ecd0c4c32'],
  ['step-security/harden-runner', 'v2.20.1', 'b09bb98e06d4d774595224525879c09bc6e98c40'],
  ['hashicorp/setup-terraform', 'v4.0.1', 'dfe3c3f87815947d99a8997f908cb6525fc44e9e'],
  ['sigstore/cosign-installer', 'v4.1.2', '6f9f17788090df1f26f669e9d70d6ae9567deba6'],
  ['aquasecurity/trivy-action', 'v0.36.0', 'ed142fd0673e97e23eac54620cfb913e5ce36c25'],
  ['actions/dependency-review-action', 'v5.0.0', 'a1d282b36b6f3519aa1f3fc636f609c47dddb294'],
]

export const knownCommits: ReadonlyMap<string, KnownRelease> = new Map(releases.map(([repository, version, commit]) => [commit, { repository, version }]))
