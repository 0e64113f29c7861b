export const dockerfileGlobs = ['Dockerfile', 'dockerfile', 'Dockerfile.*', '*.Dockerfile', '*.dockerfile', 'Containerfile', 'Containerfile.*'].map((name) => `**/${name}`)

const dockerfile = /(?:^|\/)(?:(?:[Dd]ockerfile|Containerfile)(?:\.[^/]*)?|[^/]*\.[Dd]ockerfile)$/
// A template is not a Dockerfile yet, and a page about one never is.
const other = /\.(?:dockerignore|containerignore|j2|jinja2?|tmpl|tpl|template|in|erb|ejs|hbs|mustache|md|mdx|txt|rst|html?|json|ya?ml|toml|[cm]?[jt]sx?|py|rb|go|rs|sh|lock|sum|sha256|bak|orig|rej|patch|diff)$/i

export const isDockerfile = (path: string) => dockerfile.test(path) && !other.test(path) && !/(?:^|\/)node_modules\//.test(path)

export const lockFilesOf = { npm: ['package-lock.json', 'npm-shrinkwrap.json'], yarn: ['yarn.lock'], pnpm: ['pnpm-lock.yaml'] } as const
export const lockFiles: readonly string[] = Object.values(lockFilesOf).flat()
