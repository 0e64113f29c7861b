import { joinTool } from '../joined/join-tool.ts'

export default joinTool({
  id: 'osv-scanner',
  title: 'OSV-Scanner',
  commentSign: 'none',
  program: 'osv-scanner',
  versionArguments: ['--version'],
  reads: ['**'],
  // It leaves out what git ignores, and a file that git ignores can be tracked.
  toldBy: /(?:^|\/)(?:osv-scanner\.toml|\.gitignore)$/,
  arguments: ({ inherited }) => ['scan', '--format', 'json', ...(inherited['OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY'] === undefined ? [] : ['--offline']), '--recursive', '.'],
  inherits: ['OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY'],
  ran: [0, 1],
  sawNothing: [128],
  isOnline: ({ inherited }) => inherited['OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY'] === undefined,
  install: 'install OSV-Scanner (https://google.github.io/osv-scanner/)',
  unratedAs: 'medium',
  confidence: 'high',
  perAdvisory: /./,
  // An advisory is told by its identifiers, not by a rule.
  sameAs: {},
  read: async () => (await import('./read-report.ts')).readReport,
})
