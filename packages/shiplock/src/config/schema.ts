import { z } from 'zod'
import { confidences, severities, type Confidence } from '@shiplock/findings'

/** What the config needs to know of a check. */
export interface CheckOptions {
  readonly id: string
  readonly title: string
  /** Every field has a default and a description. */
  readonly options: z.ZodType
  /** Off unless the config asks for it. */
  readonly isOptIn?: boolean
  /** What its gate wants by default; `low` where it is not said. */
  readonly leastConfidence?: Confidence
}

const relativePath = z.string().regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\\\p{Cc}]+$/u, {
  error: 'must be a path inside the repository: relative, with `/`, without `..`',
})
/** Whoever writes it decides how long matching takes. */
const pathGlob = relativePath.refine((glob) => (glob.match(/\*+/g)?.length ?? 0) <= 5, { error: 'must have at most 5 runs of stars' })
const port = z.int().min(1).max(65_535)
const seconds = z.int().min(1).max(240)
const httpPath = z.string().regex(/^\/[!-~]*$/, { error: 'must start with `/` and hold no blanks' })

const startupProbe = z
  .strictObject({
    path: httpPath
      .nullable()
      .default(null)
      .describe('Path that answers 2xx or 3xx to a GET once the service is ready. `null`: ready as soon as the port accepts a connection.'),
    periodSeconds: seconds.default(1).describe('Seconds between two attempts.'),
    timeoutSeconds: seconds.default(1).describe('Seconds after which an attempt counts as failed; at most `periodSeconds`.'),
    failureThreshold: z
      .int()
      .min(1)
      .max(240)
      .default(60)
      .describe('Failed attempts after which the revision is given up. With `periodSeconds` at most 240 seconds.'),
  })
  .superRefine(({ periodSeconds, timeoutSeconds, failureThreshold }, context) => {
    if (timeoutSeconds > periodSeconds) {
      const message = `must be at most \`periodSeconds\`, which is ${periodSeconds}`
      context.addIssue({ code: 'custom', path: ['timeoutSeconds'], message })
    }
    if (periodSeconds * failureThreshold > 240) {
      const most = Math.floor(240 / periodSeconds)
      const message = `must be at most ${most} with a period of ${periodSeconds} s: Cloud Run gives a start 240 s`
      context.addIssue({ code: 'custom', path: ['failureThreshold'], message })
    }
  })

const variableName = z.string().regex(/^(?!(?:PORT|K_SERVICE|K_REVISION|K_CONFIGURATION)$|X_GOOGLE_)[A-Za-z_][A-Za-z0-9_]*$/, {
  error: 'must be a name of letters, digits and `_`, and not one that Cloud Run sets (`PORT`, `K_…`, `X_GOOGLE_…`)',
})

const environment = z.record(variableName, z.string())

const service = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z]([-a-z0-9]{0,47}[a-z0-9])?$/, {
      error: 'must be 1 to 49 of `a-z`, `0-9` and `-`, start with a letter and not end with `-` (Cloud Run)',
    })
    .optional()
    .describe('Name of the Cloud Run service. Default: the name in the package.json of `directory`, made to fit; else `service`.'),
  directory: relativePath.default('.').describe('Folder of the service, relative to the repository.'),
  port: port.default(8080).describe('Port that the service listens on; it is told by the environment variable `PORT`.'),
  env: environment.default({}).describe('Environment variables of the service. Not for secrets: this file is in the repository.'),
  migrate: z
    .strictObject({
      command: z.array(z.string().min(1)).min(1).describe('Program and arguments, run in the new image as a job of its own before the new revision is made. Default: none, it must be named.'),
      check: z
        .array(z.string().min(1))
        .min(1)
        .nullable()
        .default(null)
        .describe('Run first, in the new image, told of the stable revision by `SHIPLOCK_STABLE_REVISION` and `SHIPLOCK_STABLE_COMMIT`: ends with another code than 0 where that revision could not live with the migration, which is then refused. `null`: `command` itself, with `SHIPLOCK_MIGRATION=check`.'),
      serviceAccount: z.string().nullable().default(null).describe('Identity of the job, which may change tables where the service may not. `null`: that of the service.'),
      timeoutSeconds: z.int().min(1).max(3600).default(600).describe('How long each of the two may take.'),
    })
    .nullable()
    .default(null)
    .describe('How the database is brought up to date before a release. It may only expand: the stable revision goes on meanwhile, and after a rollback. `null`: the service needs none, or does it itself.'),
  startupProbe: startupProbe.prefault({}).describe('When a new instance counts as started.'),
})

const image = z.strictObject({
  build: z
    .string()
    .min(1)
    .nullable()
    .optional()
    .describe(
      "npm script run in the service's folder before the image is put together. `null`: none. " +
        'Default: `build` where its package.json has one, else none.',
    ),
  reads: z
    .array(pathGlob)
    .min(1)
    .optional()
    .describe(
      'Globs of the files that the build may read, relative to the repository. It gets no others, and runs again only when ' +
        "one of them changes. Default: the service's folder, and package.json, lock file and tsconfig at the root.",
    ),
  files: z
    .array(pathGlob)
    .min(1)
    .default(['dist/**', 'package.json'])
    .describe("Globs of the files that enter the image, relative to the service's folder. What a `.dockerignore` in `context` keeps out stays out."),
  dependencies: z
    .enum(['none', 'production'])
    .optional()
    .describe(
      'Whether the packages that production needs enter the image as `node_modules`, installed from the lock file without running any ' +
        "of their scripts. `none` where the build bundles them. Default: `production` where the service's package.json has `dependencies`, else `none`.",
    ),
  entrypoint: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      'Program and arguments that start the service. Default: the `start` script of its package.json where that is a plain ' +
        '`node FILE`, else `node` and its `main`, else `node dist/server.mjs`.',
    ),
  builder: z
    .enum(['assemble', 'dockerfile'])
    .optional()
    .describe(
      '`assemble`: Shiplock puts the image together from Debian, Node, the packages and the files above, without Docker and reproducibly. ' +
        '`dockerfile`: Docker or Buildah builds `dockerfile`. Default: `dockerfile` where there is one and the config says nothing of `image`, else `assemble`.',
    ),
  dockerfile: relativePath
    .optional()
    .describe("The Dockerfile, relative to the repository. Default: `Dockerfile` in the service's folder."),
  context: relativePath
    .optional()
    .describe("Folder that the Dockerfile is built from, relative to the repository; it gets what `.dockerignore` there leaves of the tree. Also where the `.dockerignore` is that `files` heeds. Default: the service's folder."),
  suite: z.enum(['trixie', 'bookworm']).default('trixie').describe('Release of Debian that `shiplock image build --update` takes the packages below Node from.'),
  node: z
    .string()
    .regex(/^\d{1,4}\.\d{1,4}\.\d{1,4}$/, { error: 'must be a whole version, such as 26.10.0' })
    .optional()
    .describe('Version of Node that `shiplock image build --update` pins in the lock. Default: the one that runs Shiplock then.'),
  packages: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/, { error: 'must be the name of a package of Debian' }))
    .default([])
    .describe('Packages of Debian besides those that Node needs. What they depend on is not added: name it too.'),
  compression: z
    .enum(['gzip', 'zstd'])
    .default('gzip')
    .describe('How layers are compressed. `zstd` is a fifth smaller; Docker Engine 20.10 cannot pull it.'),
  user: z.int().min(1).max(65_535).default(65_532).describe('User and group id that the service runs as. Never 0: that is root.'),
})

const gate = z.strictObject({
  failOn: z
    .enum([...severities, 'never'])
    .default('medium')
    .describe('Findings of this severity or worse stop the commit. `never`: they are only reported.'),
  minConfidence: z.enum(confidences).optional().describe('Findings that are less certain are only reported. Default: `medium` for `sast`, else `low`.'),
  newOnly: z.boolean().default(true).describe('Whether findings in the committed baseline are only reported (`shiplock baseline` writes it); without a baseline every finding is new.'),
  optional: z.boolean().default(false).describe('Whether the check may be skipped or fail without stopping the commit.'),
})

const kmsKeyPattern = /^gcpkms:\/\/projects\/[^/\s]+\/locations\/[^/\s]+\/keyRings\/[\w-]{1,63}\/cryptoKeys\/[\w-]{1,63}\/cryptoKeyVersions\/[1-9]\d*$/
const kmsKeyForm = '`gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/N`'

const attest = z.strictObject({
  signer: z
    .union([
      z.enum(['local', 'keyless']),
      z.string().regex(kmsKeyPattern, { error: `must be \`local\`, \`keyless\`, or ${kmsKeyForm}` }),
    ])
    .default('local')
    .describe(
      'Who signs what is stated of an image. `local`: a key of this checkout, good for the local target alone. `keyless`: the workload that runs, in GitHub Actions ' +
        'with `id-token: write`, certified and logged by Sigstore. `gcpkms://…`: a key that never leaves Google Cloud KMS (`EC_SIGN_P256_SHA256`). ' +
        'Whether anybody believes it, the target decides.',
    ),
})

const ratio = z.number().min(0).max(1)

/** How a new revision gets its traffic; the waits are those of the target. */
const canary = ({ minWaitSeconds, maxWaitSeconds }: { minWaitSeconds: number; maxWaitSeconds: number }) =>
  z
    .union([
      z.literal(false),
      z.strictObject({
        steps: z
          .array(z.int().min(1).max(100))
          .min(1)
          .refine((steps) => steps.at(-1) === 100 && steps.every((step, index) => index === 0 || step > (steps[index - 1] ?? 0)), { error: 'must grow, and end with 100' })
          .default([5, 20, 50, 100])
          .describe('Percent of the traffic that the new revision gets, step by step; each only if the last was good.'),
        minWaitSeconds: z.number().min(0).max(86_400).default(minWaitSeconds).describe('A step is never shorter.'),
        maxWaitSeconds: z.number().min(0.1).max(86_400).default(maxWaitSeconds).describe('After it, too few requests are an answer. The lag of the metrics is added.'),
        minimumRequests: z.int().min(1).default(300).describe('Requests that the new revision must have answered before it can be called good.'),
        syntheticRequests: z.int().min(0).max(10_000).default(100).describe('Requests that the release itself sends in a step where users send too few, marked `x-shiplock-synthetic`. `0`: none, and a quiet service is not released.'),
        paths: z.array(httpPath).min(1).default(['/']).describe('Paths that those requests ask for, by GET.'),
        errorMargin: ratio.default(0.01).describe('How much larger its share of 5xx may be than the stable revision’s; 0.01 is one of a hundred.'),
        latencyRatio: z.number().min(1).default(1.5).describe('How many times slower than the stable revision it may be, at p50, p95 and p99.'),
        maxErrorRatio: ratio.default(0.05).describe('Share of 5xx that it must not exceed, whatever the stable revision does.'),
        maxP99Milliseconds: z.int().min(1).default(5000).describe('Latency at p99 that it must not exceed, whatever the stable revision does.'),
      }),
    ])
    .prefault({})
    .describe('How a new revision gets its traffic, and what it is held to meanwhile. `false`: all of it at once, after the probe.')

/** What a preview is made of; its identity is the target's. */
const preview = {
  env: environment.default({}).describe('Environment variables of previews, over those of `service.env`: the database of previews, never that of production.'),
  secrets: z
    .record(variableName, z.string().regex(/^(?:projects\/[^/\s]+\/secrets\/)?[A-Za-z0-9_-]{1,255}:[1-9]\d*$/, { error: 'must be the name of a secret and its version, such as `todo-preview-database:3`' }))
    .default({})
    .describe('Environment variables of previews whose values Secret Manager has, as `SECRET:VERSION`. None of production’s.'),
  expiresDays: z.int().min(1).max(90).default(14).describe('Days after which `shiplock down --expired-previews` removes a preview that nobody deployed anew.'),
}

const projectPattern = /^[a-z][-a-z0-9]{4,28}[a-z0-9]$/
const projectForm = 'must be the id of a project of Google Cloud'
const regionPattern = /^[a-z]+-[a-z]+[0-9]+$/
const regionForm = 'must be a region, such as `europe-west1`'
const imagePattern = /^[a-z0-9.-]+(?::[0-9]+)?(?:\/[a-z0-9._-]+)+$/
const imageForm = 'must be the name of an image in Artifact Registry, without tag or digest'
const accountPattern = /^[a-z0-9][-a-z0-9]{4,62}@[a-z0-9][-a-z0-9.]*\.gserviceaccount\.com$/
const accountForm = 'must be the address of a service account, such as `deployer@PROJECT.iam.gserviceaccount.com`'

const binaryAuthorization = z.strictObject({
  attestor: z.string().regex(/^projects\/[^/\s]+\/attestors\/[\w-]{1,63}$/, { error: 'must be `projects/P/attestors/A`' }).describe('The attestor whose word the project’s policy requires. Default: none, it must be named.'),
  key: z.string().regex(kmsKeyPattern, { error: `must be ${kmsKeyForm}` }).describe('The key of the attestor that signs, in Google Cloud KMS. Default: none, it must be named.'),
})

const cloudRun = z.strictObject({
  project: z.string().regex(projectPattern, { error: projectForm }).describe('Id of the project. Default: none, it must be named.'),
  location: z.string().regex(regionPattern, { error: regionForm }).describe('Region of the service. Default: none, it must be named.'),
  repository: z
    .string()
    .regex(imagePattern, { error: imageForm })
    .describe('Name of the image in its registry, without tag: `europe-west1-docker.pkg.dev/PROJECT/REPOSITORY/NAME`. An allowed image is pushed there, with what is attested of it, before it is deployed; the tag is the commit. Default: none, it must be named.'),
  ingress: z
    .enum(['all', 'internal', 'internal-and-load-balancer'])
    .nullable()
    .default(null)
    .describe('Who may reach the service: set at its first release, and held against what is there at each one. `null`: all at the first release, later as it is.'),
  binaryAuthorization: binaryAuthorization
    .nullable()
    .default(null)
    .describe('An admitted image is attested for Binary Authorization too, so that Cloud Run itself refuses any other. `null`: it is not.'),
  preview: z
    .strictObject({
      serviceAccount: z.string().regex(/^[a-z0-9][-a-z0-9]{4,62}@[a-z0-9][-a-z0-9.]*\.gserviceaccount\.com$/, { error: 'must be the address of a service account, such as `todo-preview@PROJECT.iam.gserviceaccount.com`' }).describe('Identity of previews, which reaches nothing of production. Default: none, it must be named.'),
      isPublic: z.boolean().default(false).describe('Whether anybody may open a preview; else who may invoke the preview service.'),
      ...preview,
    })
    .nullable()
    .default(null)
    .describe('Previews of pull requests, on a service of their own. `null`: there are none.'),
  prometheus: z.string().regex(/^https?:\/\/[!-~]+$/, { error: 'must be an address that begins with http:// or https://' }).nullable().default(null).describe('Base URL of a Prometheus that has the metrics of the service. `null`: Cloud Monitoring is asked.'),
  environments: z
    .record(
      z.string().regex(/^(?!(?:production|preview)$)[a-z][a-z0-9-]{0,30}$/, { error: 'must be a name of small letters, digits and hyphens, and neither `production` nor `preview`' }),
      z.strictObject({
        project: z.string().regex(projectPattern, { error: projectForm }).optional().describe('Default: that of production.'),
        location: z.string().regex(regionPattern, { error: regionForm }).optional().describe('Default: that of production.'),
        repository: z.string().regex(imagePattern, { error: imageForm }).optional().describe('Default: that of production.'),
        binaryAuthorization: binaryAuthorization.nullable().optional().describe('Default: that of production.'),
      }),
    )
    .default({})
    .describe('Where it is released before production, in this order; `--environment` names one. What is not said is as in production, which is what stands beside this.'),
  canary: canary({ minWaitSeconds: 60, maxWaitSeconds: 900 }),
})

const targets = z.strictObject({
  local: z
    .strictObject({
      port: port.default(8080).describe('Port on 127.0.0.1 at which the service answers.'),
      canary: canary({ minWaitSeconds: 0, maxWaitSeconds: 1 }),
      preview: z.strictObject(preview).prefault({}).describe('Previews of pull requests, on a service of their own.'),
    })
    .prefault({})
    .describe('The local target: Cloud Run on loopback.'),
  'cloud-run': cloudRun.nullable().default(null).describe('Cloud Run itself. `null`: there is none.'),
})

const ci = z.strictObject({
  branch: z.string().regex(/^[\w][\w./-]{0,100}$/, { error: 'must be the name of a branch' }).default('main').describe('The branch that is released.'),
  runner: z.string().regex(/^[\w.-]{1,100}$/, { error: 'must be the label of a runner' }).default('ubuntu-24.04').describe('Label of the runners.'),
  command: z.string().regex(/^[\w./-]+(?: [\w./-]+)*$/, { error: 'must be a program and plain arguments' }).default('shiplock').describe('How a step starts Shiplock. `shiplock`: a release is installed first; anything else brings itself.'),
  version: z.string().regex(/^\d+\.\d+\.\d+$/, { error: 'must be an exact version' }).default('0.1.0').describe('The release of Shiplock that is installed.'),
  allowedEndpoints: z.array(z.string().regex(/^[\w*.-]+:\d{1,5}$/, { error: 'must be `host:port`' })).default([]).describe('Where jobs may connect to; all else is refused. Empty: connections are only watched, and the runs show which there are.'),
  google: z
    .strictObject({
      provider: z.string().regex(/^projects\/\d+\/locations\/global\/workloadIdentityPools\/[\w-]+\/providers\/[\w-]+$/, { error: 'must be `projects/N/locations/global/workloadIdentityPools/P/providers/R`' }).describe('The provider of Workload Identity Federation. Default: none, it must be named.'),
      serviceAccounts: z.record(z.string(), z.string().regex(accountPattern, { error: accountForm })).describe('Who releases to each environment: `production`, each of `targets.cloud-run.environments`, and `preview`. Default: none, they must be named.'),
    })
    .nullable()
    .default(null)
    .describe('Who a job is for Google Cloud; no key is kept. `null`: nothing is released from CI.'),
  terraform: z
    .strictObject({
      directory: relativePath.describe('Folder of the roots, one for each environment. Default: none, it must be named.'),
      planners: z.record(z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, { error: 'must be the name of a folder there' }), z.string().regex(accountPattern, { error: accountForm })).describe('Who plans each of them; may only read. Default: none, they must be named.'),
    })
    .nullable()
    .default(null)
    .describe('The infrastructure that is planned. `null`: none.'),
  packages: z.array(relativePath).default([]).describe('Workspaces that a tag publishes to npm, in this order.'),
})

/** The parts of the config that do not depend on which checks there are. */
export const parts = { service, image, attest, gate, targets, ci }

/**
 * The config as it is written, for these checks. Unknown keys are refused at every level. Its output has every default
 * except those that come from the service's package.json.
 */
export function configSchema(checks: readonly CheckOptions[]) {
  const optionsOf = ({ id, title, options, isOptIn }: CheckOptions) => {
    // A check that forgot to be strict would swallow misspelt options without a word.
    const strict = options instanceof z.ZodObject ? options.strict() : options
    if (isOptIn) return [id, z.union([z.literal(false), strict]).default(false).describe(`${title}. Off unless there is at least \`{}\` here.`)] as const
    return [id, z.union([z.literal(false), strict]).prefault({}).describe(`${title}. \`false\` switches the check off.`)] as const
  }
  return z.strictObject({
    service: service.nullable().prefault({}).describe('The service that is shipped. `null`: the repository ships none, so that it is checked, and nothing is built, deployed or probed.'),
    image: image.prefault({}).describe('How its image is put together.'),
    attest: attest.prefault({}).describe('How what is stated of the image is signed.'),
    checks: z.strictObject(Object.fromEntries(checks.map(optionsOf))).prefault({}).describe('Options of each check.'),
    gates: z
      .strictObject(Object.fromEntries(checks.map(({ id }) => [id, gate.prefault({})])))
      .prefault({})
      .describe('When the findings of a check stop a commit.'),
    targets: targets.prefault({}).describe('Where the service runs.'),
    ci: ci.prefault({}).describe('The workflows that `shiplock ci generate` writes.'),
  })
}

/** JSON Schema (draft 2020-12) of the config as it is written: for editors, documents and the names of known keys. */
export function configJsonSchema(checks: readonly CheckOptions[]): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(configSchema(checks), { io: 'input' })
  return { $schema, $id: 'https://shiplock.dev/schemas/config-1.json', title: 'shiplock.config.ts', ...schema } as JsonSchema
}

/** The part of JSON Schema that the config uses. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  /** Those that have no default. */
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly items?: JsonSchema
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
}
