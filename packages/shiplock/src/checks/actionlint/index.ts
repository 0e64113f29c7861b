import { joinTool } from '../joined/join-tool.ts'
import { endOfScalar } from './end-of-scalar.ts'

export default joinTool({
  id: 'actionlint',
  title: 'actionlint',
  commentSign: '#',
  program: 'actionlint',
  versionArguments: ['-version'],
  // Local actions and reusable workflows are read where a workflow uses them.
  reads: ['.github/**', '**/action.{yml,yaml}'],
  looksAt: /^\.github\/workflows\/[^/]+\.ya?ml$/,
  toldBy: /^\.github\/actionlint\.ya?ml$/,
  takesPaths: true,
  // Whether shellcheck and pyflakes are installed too must not change what is found.
  arguments: ({ paths }) => ['-format', '{{json .}}', '-no-color', '-shellcheck=', '-pyflakes=', ...paths],
  ran: [0, 1],
  install: 'install actionlint (https://github.com/rhysd/actionlint)',
  unratedAs: 'medium',
  confidence: 'high',
  // Of an expression in a script of several lines it names the line on which the script begins.
  lastLine: endOfScalar,
  sameAs: {
    '*': ['workflows/invalid', 'workflows/unparsable'],
    'deprecated-commands': ['workflows/deprecated-command', 'workflows/invalid'],
    credentials: ['workflows/hard-coded-credentials', 'workflows/invalid'],
    expression: ['workflows/template-injection', 'workflows/script-injection', 'workflows/invalid'],
    'if-cond': ['workflows/always-true-condition', 'workflows/invalid'],
    action: ['workflows/deprecated-action', 'workflows/invalid'],
    'runner-label': ['workflows/retired-runner', 'workflows/invalid'],
  },
  read: async () => (await import('./read-report.ts')).readReport,
})
