import { joinTool } from '../joined/join-tool.ts'
import { sameAs } from './same-as.ts'

/** Where its database goes without `TRIVY_CACHE_DIR`: into the copy of the tree, and away with it. */
const ownCache = '.shiplock-trivy'

export default joinTool({
  id: 'trivy',
  title: 'Trivy',
  commentSign: '#',
  program: 'trivy',
  versionArguments: ['--version'],
  reads: ['**'],
  toldBy: /(?:^|\/)(?:\.trivyignore(?:\..*)?|trivy(?:-secret)?\.ya?ml)$/,
  arguments: () => ['fs', '--format', 'json', '--quiet', '--scanners', 'vuln,misconfig,secret', '--list-all-pkgs=false', '--exit-code', '0', '--skip-dirs', ownCache, '.'],
  inherits: ['TRIVY_CACHE_DIR', 'TRIVY_OFFLINE_SCAN', 'TRIVY_SKIP_DB_UPDATE', 'TRIVY_SKIP_JAVA_DB_UPDATE', 'TRIVY_SKIP_CHECK_UPDATE', 'TRIVY_DB_REPOSITORY', 'TRIVY_JAVA_DB_REPOSITORY', 'TRIVY_CHECKS_BUNDLE_REPOSITORY'],
  env: ({ inherited }) => ({ TRIVY_DISABLE_TELEMETRY: 'true', TRIVY_SKIP_VERSION_CHECK: 'true', ...(inherited['TRIVY_CACHE_DIR'] === undefined && { TRIVY_CACHE_DIR: ownCache }) }),
  ran: [0],
  isOnline: ({ inherited }) => inherited['TRIVY_SKIP_DB_UPDATE'] !== 'true',
  install: 'install Trivy (https://trivy.dev)',
  unratedAs: 'medium',
  confidence: 'medium',
  // What its other rules have are AVD- numbers, and names of secrets in small letters.
  perAdvisory: /^(?!AVD-)[A-Z]+-/,
  sameAs,
  read: async () => (await import('./read-report.ts')).readReport,
})
