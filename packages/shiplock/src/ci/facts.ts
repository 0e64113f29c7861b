import { fail, ok, type Result } from '@shiplock/findings'
import type { Config } from '../config/config.ts'

/** What of the config the workflows are made of. */
export interface CiFacts {
  readonly service: string
  /** Ids of the checks of the tree, sorted: a job each. */
  readonly treeChecks: readonly string[]
  readonly branch: string
  readonly runner: string
  /** How a step starts Shiplock. */
  readonly command: string
  /** The exact version that is installed first; null where the command brings itself. */
  readonly install: string | null
  readonly allowedEndpoints: readonly string[]
  readonly google: { readonly provider: string } | null
  /** Where it is released, the last of them to users. */
  readonly environments: readonly ReleaseEnvironment[]
  /** Account of previews; absent where there are none. */
  readonly preview?: string
  /** Folder of Terraform's roots, one for each environment. */
  readonly terraform: { readonly directory: string; readonly planners: Readonly<Record<string, string>> } | null
  /** Folders of packages that a release publishes. */
  readonly packages: readonly string[]
  readonly hasService: boolean
  /** Whether the image is put together by a lock that can be renewed. */
  readonly hasImageLock: boolean
}

export interface ReleaseEnvironment {
  readonly name: string
  readonly account: string
}

export const production = 'production'

/** Fails where what the workflows need is not in the config: a workflow that only fails after a push is none. */
export function ciFacts(config: Config, treeChecks: readonly string[]): Result<CiFacts, { readonly message: string; readonly hint: string }> {
  const { ci, targets, service, shipsService, image } = config
  const cloud = targets['cloud-run']
  if (cloud !== null && ci.google === null) return fail({ message: 'the config releases to Cloud Run and does not say as whom', hint: "ci: { google: { provider, serviceAccounts: { production } } }, as `terraform output` says them" })
  const names = cloud === null ? [] : [...Object.keys(cloud.environments), production]
  const accounts = ci.google?.serviceAccounts ?? {}
  const nobody = [...names, ...(cloud?.preview ? ['preview'] : [])].find((name) => accounts[name] === undefined)
  if (nobody !== undefined) return fail({ message: `the config names no service account that releases to ${nobody}`, hint: `ci: { google: { serviceAccounts: { ${nobody}: '…@PROJECT.iam.gserviceaccount.com' } } }` })
  const preview = cloud?.preview ? accounts['preview'] : undefined
  return ok({
    service: service.name,
    treeChecks: treeChecks.toSorted(),
    branch: ci.branch,
    runner: ci.runner,
    command: ci.command,
    install: ci.command === 'shiplock' ? ci.version : null,
    allowedEndpoints: ci.allowedEndpoints,
    google: ci.google && { provider: ci.google.provider },
    environments: names.map((name) => ({ name, account: accounts[name]! })),
    ...(preview !== undefined && { preview }),
    terraform: ci.terraform,
    packages: ci.packages,
    hasService: shipsService,
    hasImageLock: shipsService && image.builder === 'assemble',
  })
}
