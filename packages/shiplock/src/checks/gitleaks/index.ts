import { joinTool } from '../joined/join-tool.ts'

const report = '.shiplock-gitleaks.sarif'

export default joinTool({
  id: 'gitleaks',
  title: 'gitleaks',
  program: 'gitleaks',
  versionArguments: ['version'],
  reads: ['**'],
  toldBy: /(?:^|\/)(?:\.?gitleaks\.toml|\.gitleaksignore)$/,
  arguments: () => ['dir', '.', '--report-format', 'sarif', '--report-path', report, '--exit-code', '0', '--redact', '--ignore-gitleaks-allow', '--no-banner', '--no-color', '--log-level', 'error'],
  report,
  ran: [0],
  install: 'install gitleaks 8.19 or later (https://gitleaks.io)',
  unratedAs: 'high',
  confidence: 'medium',
  // On the same line it is the same secret, whatever the two call it.
  sameAs: { '*': ['secrets/*'] },
  read: async () => (await import('./read-report.ts')).readReport,
})
