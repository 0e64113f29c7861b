/** What `shiplock init` knows by name. Data alone: a new framework is a line. */

export interface KnownFramework {
  /** The package whose presence among `dependencies` tells. */
  readonly package: string
  readonly title: string
  /** Whether it answers requests by itself, so that a package that depends on it is a service. */
  readonly serves: boolean
  /** Program and arguments that start a built service where the `start` script is no plain `node FILE`. */
  readonly entrypoint?: readonly string[]
  /** What of the service's folder it needs at run time, besides package.json. */
  readonly files?: readonly string[]
}

/** Those that build upon another one come before it: Nest has Express below. */
export const frameworks: readonly KnownFramework[] = [
  { package: 'next', title: 'Next.js', serves: true, entrypoint: ['node', 'node_modules/next/dist/bin/next', 'start'], files: ['.next/**', 'public/**', 'next.config.*'] },
  { package: '@nestjs/core', title: 'Nest', serves: true, entrypoint: ['node', 'dist/main.js'] },
  { package: 'nuxt', title: 'Nuxt', serves: true, entrypoint: ['node', '.output/server/index.mjs'], files: ['.output/**'] },
  { package: '@remix-run/serve', title: 'Remix', serves: true },
  { package: '@react-router/serve', title: 'React Router', serves: true },
  { package: 'fastify', title: 'Fastify', serves: true },
  { package: '@hono/node-server', title: 'Hono', serves: true },
  { package: 'hono', title: 'Hono', serves: true },
  { package: 'koa', title: 'Koa', serves: true },
  { package: '@hapi/hapi', title: 'hapi', serves: true },
  { package: 'restify', title: 'Restify', serves: true },
  { package: 'express', title: 'Express', serves: true },
  { package: 'react', title: 'React', serves: false },
  { package: 'vue', title: 'Vue', serves: false },
  { package: 'svelte', title: 'Svelte', serves: false },
]

export const testRunners: Readonly<Record<string, string>> = { vitest: 'Vitest', jest: 'Jest', mocha: 'Mocha', ava: 'AVA', tap: 'tap', jasmine: 'Jasmine' }

export const linters: Readonly<Record<string, string>> = { eslint: 'ESLint', '@biomejs/biome': 'Biome', oxlint: 'oxlint', tslint: 'TSLint', standard: 'standard' }

export interface KnownScanner {
  readonly title: string
  /** Paths that tell that it is in use. */
  readonly files: RegExp
  /** What a workflow or a script says that runs it. */
  readonly words: RegExp
  /** What Shiplock does in its place. */
  readonly becomes: string
}

/** Tools that look for what Shiplock's checks look for. */
export const scanners: readonly KnownScanner[] = [
  { title: 'Trivy', files: /(?:^|\/)(?:\.trivyignore(?:\.yaml)?|trivy\.yaml)$/, words: /\btrivy\b|aquasecurity\//i, becomes: '`dependencies`, `vulnerabilities`, `dockerfile`, `terraform`; `checks.trivy: {}` joins its findings' },
  { title: 'gitleaks', files: /(?:^|\/)(?:\.gitleaksignore|\.?gitleaks\.toml)$/, words: /\bgitleaks\b/i, becomes: '`secrets`; `checks.gitleaks: {}` joins its findings' },
  { title: 'OSV-Scanner', files: /(?:^|\/)osv-scanner\.toml$/, words: /\bosv-scanner\b/i, becomes: '`dependencies`; `checks[\'osv-scanner\']: {}` joins its findings' },
  { title: 'zizmor', files: /(?:^|\/)\.?zizmor\.ya?ml$/, words: /\bzizmor\b/i, becomes: '`workflows`; `checks.zizmor: {}` joins its findings' },
  { title: 'actionlint', files: /(?:^|\/)actionlint\.ya?ml$/, words: /\bactionlint\b/i, becomes: '`workflows`; `checks.actionlint: {}` joins its findings' },
  { title: 'hadolint', files: /(?:^|\/)\.?hadolint\.ya?ml$/, words: /\bhadolint\b/i, becomes: '`dockerfile`; `checks.hadolint: {}` joins its findings' },
  { title: 'Checkov', files: /(?:^|\/)\.checkov\.ya?ml$/, words: /\bcheckov\b/i, becomes: '`terraform`; `checks.checkov: {}` joins its findings' },
  { title: 'Bandit', files: /(?:^|\/)(?:\.bandit|bandit\.ya?ml)$/, words: /\bbandit\b/i, becomes: 'nothing for Python; `sast` for JavaScript and TypeScript' },
  { title: 'flake8', files: /(?:^|\/)\.flake8$/, words: /\bflake8\b/i, becomes: 'nothing for Python; `lint` for JavaScript and TypeScript' },
  { title: 'Semgrep', files: /(?:^|\/)\.semgrep(?:\.ya?ml|ignore|\/)/, words: /\bsemgrep\b/i, becomes: '`sast`' },
  { title: 'CodeQL', files: /(?:^|\/)codeql-config\.ya?ml$/, words: /codeql-action/i, becomes: '`sast`; keep CodeQL beside it if you like: both write SARIF' },
  { title: 'Snyk', files: /(?:^|\/)\.snyk$/, words: /\bsnyk\b/i, becomes: '`dependencies` and `sast`' },
  { title: 'npm audit', files: /(?!)/, words: /\b(?:npm|pnpm|yarn)(?: npm)? audit\b/, becomes: '`dependencies`' },
]

export interface KnownLanguage {
  readonly title: string
  readonly files: RegExp
  /** What no check of ours does for it; absent where everything is done. */
  readonly notCovered?: string
}

const otherLanguage = 'no static analysis, lint, types, tests or image'

/** What code there may be, and what Shiplock does not do for it. */
export const languages: readonly KnownLanguage[] = [
  { title: 'TypeScript', files: /(?<!\.d)\.[cm]?tsx?$/ },
  { title: 'JavaScript', files: /\.[cm]?jsx?$/ },
  { title: 'Python', files: /\.py$/, notCovered: otherLanguage },
  { title: 'Go', files: /\.go$/, notCovered: otherLanguage },
  { title: 'Rust', files: /\.rs$/, notCovered: otherLanguage },
  { title: 'Java', files: /\.java$/, notCovered: otherLanguage },
  { title: 'Kotlin', files: /\.kts?$/, notCovered: otherLanguage },
  { title: 'Ruby', files: /\.rb$/, notCovered: otherLanguage },
  { title: 'PHP', files: /\.php$/, notCovered: otherLanguage },
  { title: 'C#', files: /\.cs$/, notCovered: otherLanguage },
  { title: 'C or C++', files: /\.(?:c|cc|cpp|h|hpp)$/, notCovered: otherLanguage },
  { title: 'Shell', files: /\.(?:sh|bash)$/, notCovered: 'no static analysis' },
]
