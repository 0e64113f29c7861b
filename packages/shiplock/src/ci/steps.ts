import { actions } from './actions.ts'
import type { CiFacts } from './facts.ts'
import type { Permissions, RunStep, Step } from './workflow.ts'

/** The steps that every job begins with; with `packages` where tests, compiler or linter of the repository run. What it may reach on the network is watched, and where credentials are, bounded. */
export function begin(facts: CiFacts, { history = false, packages = false }: { readonly history?: boolean; readonly packages?: boolean } = {}): readonly Step[] {
  const { allowedEndpoints } = facts
  return [
    { name: 'Watch the network', uses: actions.hardenRunner, with: allowedEndpoints.length > 0 ? { 'egress-policy': 'block', 'allowed-endpoints': allowedEndpoints.join(' ') } : { 'egress-policy': 'audit' } },
    { name: 'Check out', uses: actions.checkout, with: { 'persist-credentials': false, ...(history && { 'fetch-depth': 0 }) } },
    ...(facts.install === null ? [] : [{ name: packages ? 'Shiplock, and the packages' : 'Shiplock', uses: { folder: `./${setupFolder}` }, ...(packages && { with: { packages: true } }) }]),
  ]
}

export const setupFolder = '.github/actions/shiplock'

/** `shiplock ARGS` as this repository starts it. */
export const shiplock = ({ command }: CiFacts, args: string, step: Omit<RunStep, 'run'>): RunStep => ({ ...step, run: `${command} ${args}` })

/** A short-lived token of Google for this job alone; no key is kept anywhere. */
export const signIn = ({ google }: CiFacts, account: string): Step => ({
  name: 'Sign in to Google Cloud',
  uses: actions.googleAuth,
  with: { workload_identity_provider: google?.provider ?? '', service_account: account, create_credentials_file: true },
})

export const toCodeScanning = (category: string): Step => ({
  why: 'Also where the check refuses; a pull request from a fork has no right to, and is annotated by the verdict alone.',
  name: 'Findings to code scanning',
  if: "always() && (github.event_name != 'pull_request' || github.event.pull_request.head.repo.full_name == github.repository)",
  uses: actions.uploadSarif,
  with: { sarif_file: 'report/report.sarif', category },
})

export const keepReport = (name: string): Step => ({ name: 'Keep the report', if: 'always()', uses: actions.uploadArtifact, with: { name, path: 'report/', 'retention-days': 30, 'if-no-files-found': 'ignore' } })

/** What a job that releases may do: nothing but read the tree and say who it is. */
export const releasing: Permissions = { contents: ['read', 'the tree'], 'id-token': ['write', 'who this job is, for Google Cloud and for Sigstore'] }
