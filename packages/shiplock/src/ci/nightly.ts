import { production, type CiFacts } from './facts.ts'
import { begin, releasing, shiplock, signIn } from './steps.ts'
import type { Job, Workflow } from './workflow.ts'

/** What changes while nobody pushes: advisories, waivers that lapse, Debian's fixes, previews that were forgotten. */
export function nightly(facts: CiFacts): Workflow {
  const live = facts.environments.find(({ name }) => name === production)
  return {
    path: '.github/workflows/nightly.yml',
    why: 'What changes while nobody pushes: advisories, waivers that lapse, fixes of Debian, previews that were forgotten.',
    name: 'Nightly',
    on: { schedule: [{ cron: '17 3 * * *' }], workflow_dispatch: {} },
    concurrency: { group: 'nightly', 'cancel-in-progress': false },
    jobs: {
      check: {
        why: 'The main branch by the advisories of today; waivers that have lapsed count again.',
        name: 'Check',
        'runs-on': facts.runner,
        'timeout-minutes': 30,
        permissions: { contents: ['read', 'the tree'], issues: ['write', 'one issue where something is found'] },
        steps: [
          ...begin(facts, { packages: true }),
          shiplock(facts, 'db update', { name: 'Advisories' }),
          shiplock(facts, 'check --format github --report report', { name: 'Check' }),
          issue('The nightly check found something', 'The main branch no longer passes its own gates. The run has the report: a waiver may have lapsed, or an advisory is new.'),
        ],
      },
      ...(live ? { rescan: rescan(facts, live.account) } : {}),
      ...(facts.preview === undefined ? {} : { previews: previews(facts, facts.preview) }),
      ...(facts.hasImageLock ? { image: image(facts) } : {}),
    },
  }
}

function rescan(facts: CiFacts, account: string): Job {
  return {
    why: 'What runs, by the SBOM that was signed when it was admitted.',
    name: 'Rescan what runs',
    'runs-on': facts.runner,
    'timeout-minutes': 20,
    permissions: { ...releasing, issues: ['write', 'one issue where something became known'] },
    environment: { name: production },
    steps: [
      ...begin(facts),
      signIn(facts, account),
      shiplock(facts, 'db update', { name: 'Advisories' }),
      shiplock(facts, 'rescan --target cloud-run --format json', { name: 'Rescan', env: { SHIPLOCK_TRUST_POLICY: '${{ vars.SHIPLOCK_TRUST_POLICY }}' } }),
      issue('Something became known of what runs', 'An advisory that is newer than the release is about what runs in production. The run has the report.'),
    ],
  }
}

function previews(facts: CiFacts, account: string): Job {
  return {
    why: 'Previews whose pull request was closed while nothing ran.',
    name: 'Forgotten previews',
    'runs-on': facts.runner,
    'timeout-minutes': 10,
    permissions: releasing,
    environment: { name: 'preview' },
    steps: [...begin(facts), signIn(facts, account), shiplock(facts, 'down --expired-previews --target cloud-run', { name: 'Take them away' })],
  }
}

const updateBranch = 'shiplock/image-update'

function image(facts: CiFacts): Job {
  return {
    why: 'Fixes of Debian and of Node come as a pull request, which is checked as any other.',
    name: 'Renew the image',
    'runs-on': facts.runner,
    'timeout-minutes': 30,
    permissions: { contents: ['write', 'the branch of the pull request'], 'pull-requests': ['write', 'to open it'] },
    steps: [
      ...begin(facts),
      shiplock(facts, 'image build --update', { name: 'Update the lock' }),
      {
        why: "The token is given to this step alone, and the branch is always this one: there is one open pull request at most. A pull request of this token starts no workflow: close and open it, or give the repository an app's token.",
        name: 'Open the pull request',
        run: `git diff --quiet -- shiplock.image.lock && exit 0
git config user.name 'github-actions[bot]'
git config user.email '41898282+github-actions[bot]@users.noreply.github.com'
git switch --force-create ${updateBranch}
git commit --message 'Renew the image' -- shiplock.image.lock
git -c "http.https://github.com/.extraheader=Authorization: Basic $(printf 'x-access-token:%s' "$GH_TOKEN" | base64 --wrap=0)" push --force origin ${updateBranch}
gh pr view ${updateBranch} --json state --jq .state | grep --quiet OPEN || gh pr create --head ${updateBranch} --base ${facts.branch} --title 'Renew the image' --body 'Newer packages of Debian, or a newer Node. The check names the advisories that they mend.'`,
        env: { GH_TOKEN: '${{ github.token }}' },
      },
    ],
  }
}

/** One open issue a kind, however many nights it stays true. */
const issue = (title: string, text: string): Job['steps'][number] => ({
  name: 'Open an issue',
  if: 'failure()',
  run: `gh issue list --state open --search "in:title \\"$TITLE\\"" --json title --jq '.[].title' | grep --quiet --line-regexp --fixed-strings "$TITLE" && exit 0
gh issue create --title "$TITLE" --body "$TEXT $RUN"`,
  env: { GH_TOKEN: '${{ github.token }}', GH_REPO: '${{ github.repository }}', TITLE: title, TEXT: text, RUN: '${{ github.server_url }}/${{ github.repository }}/actions/runs/${{ github.run_id }}' },
})

