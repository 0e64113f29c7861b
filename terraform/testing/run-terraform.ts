/** Terraform's own engine over a folder of modules, offline: a copy of the folder, and our stub in place of the provider. */
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStubProvider } from './stub-provider.ts'

export interface TerraformRig extends AsyncDisposable {
  /** The copy, free to be changed. */
  readonly root: string
  /** Runs `terraform WORDS` in a folder of the copy. */
  terraform(folder: string, ...words: string[]): Promise<{ readonly code: number; readonly output: string }>
}

/** The folders that Terraform can be run in, below `terraform/`: what has a `versions.tf`. */
export const configurations = (root: string): string[] =>
  ['bootstrap', ...readdirSync(join(root, 'modules')).map((name) => `modules/${name}`), ...readdirSync(join(root, 'envs')).map((name) => `envs/${name}`)].toSorted()

/** The folder that holds the modules, the environments and these tests. */
export const terraformRoot = join(import.meta.dirname, '..')

/** The resources that Terraform must never destroy, by file: `modules/database/main.tf google_sql_database_instance.this`. Its tests can't see this. */
export const undestroyable = (root: string): string[] => resourcesWith(root, /^\s+prevent_destroy = true$/m)

/** What Terraform leaves to others, with the resource: `modules/service/main.tf google_cloud_run_v2_service.this traffic`. Its tests can't see this either. */
export const leftAlone = (root: string): string[] => resourcesWith(root, /^\s+ignore_changes = \[(.*)\]$/m)

/** Resources whose text has a pattern, with what its group matched. */
function resourcesWith(root: string, pattern: RegExp): string[] {
  return globSync('**/*.tf', { cwd: root })
    .flatMap((path) =>
      readFileSync(join(root, path), 'utf8')
        .matchAll(/^resource "(\w+)" "(\w+)" \{\n([\s\S]*?)^\}$/gm)
        .flatMap(([, type, name, body]) => {
          const found = pattern.exec(body!)
          return found ? [`${path} ${type}.${name}${found[1] === undefined ? '' : ` ${found[1]}`}`] : []
        })
        .toArray(),
    )
    .toSorted()
}

/** The version of the `terraform` on PATH; undefined where there is none. */
export function terraformVersion(): string | undefined {
  const run = spawnSync('terraform', ['version', '-json'], { encoding: 'utf8' })
  return run.status === 0 ? JSON.parse(run.stdout).terraform_version : undefined
}

/** Copies the modules to a folder of its own and starts the stub; end it with `await using`. */
export async function terraformRig(): Promise<TerraformRig> {
  const directory = mkdtempSync(join(tmpdir(), 'terraform-'))
  const root = join(directory, 'terraform')
  cpSync(terraformRoot, root, { recursive: true, filter: (path) => !/\/(testing|\.terraform)(\/|$)/.test(path.slice(terraformRoot.length)) })
  // Neither the person's own configuration of Terraform nor its phone call home belongs into a test.
  const settings = join(directory, 'terraformrc')
  writeFileSync(settings, 'disable_checkpoint = true\n')
  const stub = await startStubProvider(directory)
  const environment = { PATH: process.env['PATH'], HOME: directory, TF_CLI_CONFIG_FILE: settings, TF_REATTACH_PROVIDERS: stub.reattach, TF_IN_AUTOMATION: '1', TF_INPUT: '0' }
  return {
    root,
    terraform: async (folder, ...words) => {
      // Not spawnSync: the stub answers from this very process.
      const child = spawn('terraform', words, { cwd: join(root, folder), env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
      let output = ''
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
      const code = await new Promise<number>((resolve, reject) => child.once('error', reject).once('close', (status) => resolve(status ?? -1)))
      return { code, output }
    },
    [Symbol.asyncDispose]: async () => {
      stub.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
