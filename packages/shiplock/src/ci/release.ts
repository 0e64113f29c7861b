import { actions } from './actions.ts'
import type { CiFacts } from './facts.ts'
import { begin } from './steps.ts'
import type { Workflow } from './workflow.ts'

/** Packages of the repository to npm, by a signed tag and with provenance; no token of npm's is kept anywhere. */
export function releaseWorkflow(facts: CiFacts): Workflow | undefined {
  if (facts.packages.length === 0) return undefined
  return {
    path: '.github/workflows/release.yml',
    why: 'The packages to npm, from a tag that is signed, by trusted publishing: no token is kept, and each package says from which commit it was made.',
    name: 'Release',
    on: { push: { tags: ['v[0-9]*'] } },
    concurrency: { group: 'release', 'cancel-in-progress': false },
    jobs: {
      packages: {
        why: 'Behind the protection rules of the environment. Reads no cache.',
        name: 'Publish',
        'runs-on': facts.runner,
        'timeout-minutes': 30,
        permissions: { contents: ['write', 'the release of GitHub'], 'id-token': ['write', 'who publishes, for npm and for Sigstore'] },
        environment: { name: 'npm' },
        steps: [
          ...begin({ ...facts, install: null }, { history: true }),
          { name: 'Node', uses: actions.setupNode, with: { 'node-version': 24, 'package-manager-cache': false } },
          { why: 'A tag that nobody signed, or that is not on the main branch, is no release.', name: 'The tag', run: `git merge-base --is-ancestor HEAD origin/${facts.branch}\ntest "$(gh api "repos/$GITHUB_REPOSITORY/git/tags/$(git rev-parse "$GITHUB_REF")" --jq .verification.verified)" = true`, env: { GH_TOKEN: '${{ github.token }}' } },
          { name: 'Install', run: 'npm ci --ignore-scripts' },
          ...facts.packages.map((folder) => ({ name: `Publish ${folder}`, run: `npm publish --provenance --access public --workspace ${folder}` })),
          { name: 'Changelog', run: 'gh release create "$GITHUB_REF_NAME" --verify-tag --generate-notes', env: { GH_TOKEN: '${{ github.token }}' } },
        ],
      },
    },
  }
}
