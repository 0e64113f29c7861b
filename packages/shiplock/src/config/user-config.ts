// Written by scripts/write-config-docs.ts from the schema in schema.ts and the checks: do not edit.

/** What `shiplock.config.ts` may hold. Everything has a default. */
export interface UserConfig {
  /**
   * The service that is shipped. `null`: the repository ships none, so that it is checked, and nothing is built,
   * deployed or probed.
   */
  service?: {
    /**
     * Name of the Cloud Run service. Default: the name in the package.json of `directory`, made to fit; else
     * `service`.
     */
    name?: string | undefined
    /** Folder of the service, relative to the repository. Default: `"."`. */
    directory?: string | undefined
    /** Port that the service listens on; it is told by the environment variable `PORT`. Default: `8080`. */
    port?: number | undefined
    /** Environment variables of the service. Not for secrets: this file is in the repository. */
    env?: { [name: string]: string } | undefined
    /**
     * How the database is brought up to date before a release. It may only expand: the stable revision goes on
     * meanwhile, and after a rollback. `null`: the service needs none, or does it itself. Default: `null`.
     */
    migrate?: {
      /**
       * Program and arguments, run in the new image as a job of its own before the new revision is made. Default:
       * none, it must be named.
       */
      command: string[]
      /**
       * Run first, in the new image, told of the stable revision by `SHIPLOCK_STABLE_REVISION` and
       * `SHIPLOCK_STABLE_COMMIT`: ends with another code than 0 where that revision could not live with the migration,
       * which is then refused. `null`: `command` itself, with `SHIPLOCK_MIGRATION=check`. Default: `null`.
       */
      check?: string[] | null | undefined
      /**
       * Identity of the job, which may change tables where the service may not. `null`: that of the service. Default:
       * `null`.
       */
      serviceAccount?: string | null | undefined
      /** How long each of the two may take. Default: `600`. */
      timeoutSeconds?: number | undefined
    } | null | undefined
    /** When a new instance counts as started. */
    startupProbe?: {
      /**
       * Path that answers 2xx or 3xx to a GET once the service is ready. `null`: ready as soon as the port accepts a
       * connection. Default: `null`.
       */
      path?: string | null | undefined
      /** Seconds between two attempts. Default: `1`. */
      periodSeconds?: number | undefined
      /** Seconds after which an attempt counts as failed; at most `periodSeconds`. Default: `1`. */
      timeoutSeconds?: number | undefined
      /** Failed attempts after which the revision is given up. With `periodSeconds` at most 240 seconds. Default: `60`. */
      failureThreshold?: number | undefined
    } | undefined
  } | null | undefined
  /** How its image is put together. */
  image?: {
    /**
     * npm script run in the service's folder before the image is put together. `null`: none. Default: `build` where
     * its package.json has one, else none.
     */
    build?: string | null | undefined
    /**
     * Globs of the files that the build may read, relative to the repository. It gets no others, and runs again only
     * when one of them changes. Default: the service's folder, and package.json, lock file and tsconfig at the root.
     */
    reads?: string[] | undefined
    /**
     * Globs of the files that enter the image, relative to the service's folder. What a `.dockerignore` in `context`
     * keeps out stays out. Default: `[ "dist/**", "package.json" ]`.
     */
    files?: string[] | undefined
    /**
     * Whether the packages that production needs enter the image as `node_modules`, installed from the lock file
     * without running any of their scripts. `none` where the build bundles them. Default: `production` where the
     * service's package.json has `dependencies`, else `none`.
     */
    dependencies?: 'none' | 'production' | undefined
    /**
     * Program and arguments that start the service. Default: the `start` script of its package.json where that is a
     * plain `node FILE`, else `node` and its `main`, else `node dist/server.mjs`.
     */
    entrypoint?: string[] | undefined
    /**
     * `assemble`: Shiplock puts the image together from Debian, Node, the packages and the files above, without
     * Docker and reproducibly. `dockerfile`: Docker or Buildah builds `dockerfile`. Default: `dockerfile` where
     * there is one and the config says nothing of `image`, else `assemble`.
     */
    builder?: 'assemble' | 'dockerfile' | undefined
    /** The Dockerfile, relative to the repository. Default: `Dockerfile` in the service's folder. */
    dockerfile?: string | undefined
    /**
     * Folder that the Dockerfile is built from, relative to the repository; it gets what `.dockerignore` there
     * leaves of the tree. Also where the `.dockerignore` is that `files` heeds. Default: the service's folder.
     */
    context?: string | undefined
    /**
     * Release of Debian that `shiplock image build --update` takes the packages below Node from. Default:
     * `"trixie"`.
     */
    suite?: 'trixie' | 'bookworm' | undefined
    /**
     * Version of Node that `shiplock image build --update` pins in the lock. Default: the one that runs Shiplock
     * then.
     */
    node?: string | undefined
    /**
     * Packages of Debian besides those that Node needs. What they depend on is not added: name it too. Default:
     * `[]`.
     */
    packages?: string[] | undefined
    /** How layers are compressed. `zstd` is a fifth smaller; Docker Engine 20.10 cannot pull it. Default: `"gzip"`. */
    compression?: 'gzip' | 'zstd' | undefined
    /** User and group id that the service runs as. Never 0: that is root. Default: `65532`. */
    user?: number | undefined
  } | undefined
  /** How what is stated of the image is signed. */
  attest?: {
    /**
     * Who signs what is stated of an image. `local`: a key of this checkout, good for the local target alone.
     * `keyless`: the workload that runs, in GitHub Actions with `id-token: write`, certified and logged by Sigstore.
     * `gcpkms://…`: a key that never leaves Google Cloud KMS (`EC_SIGN_P256_SHA256`). Whether anybody believes it,
     * the target decides. Default: `"local"`.
     */
    signer?: 'local' | 'keyless' | string | undefined
  } | undefined
  /** Options of each check. */
  checks?: {
    /** actionlint. Off unless there is at least `{}` here. Default: `false`. */
    actionlint?: false | {
      /** Globs of files that actionlint is not shown. Default: `[]`. */
      exclude?: string[] | undefined
      /** How severe a result is that actionlint does not rate. Default: `"medium"`. */
      unratedAs?: 'low' | 'medium' | 'high' | 'critical' | undefined
      /** How long actionlint may take. Default: `300`. */
      timeoutSeconds?: number | undefined
    } | undefined
    /** Checkov. Off unless there is at least `{}` here. Default: `false`. */
    checkov?: false | {
      /** Globs of files that checkov is not shown. Default: `[]`. */
      exclude?: string[] | undefined
      /** How severe a result is that checkov does not rate. Default: `"medium"`. */
      unratedAs?: 'low' | 'medium' | 'high' | 'critical' | undefined
      /** How long checkov may take. Default: `300`. */
      timeoutSeconds?: number | undefined
    } | undefined
    /** Dependencies. `false` switches the check off. */
    dependencies?: false | {
      /**
       * Globs of lock files that nobody installs from, such as those that tests read. Default: `[
       * "**\/node_modules/**", "**\/fixtures/**", "**\/__fixtures__/**", "**\/testdata/**" ]`.
       */
      exclude?: string[] | undefined
      /** Whether packages that only development needs are looked at. Default: `true`. */
      dev?: boolean | undefined
      /** Names of packages that may have an install script. Default: `[]`. */
      allowScripts?: string[] | undefined
      /** SPDX identifiers of the licences that are allowed; any where it is empty. Default: `[]`. */
      licences?: string[] | undefined
      /** SPDX identifiers of the licences that are not allowed, whatever `licences` says. Default: `[]`. */
      deniedLicences?: string[] | undefined
      /** Names of packages that are meant though they could be mistaken for others. Default: `[]`. */
      allowNames?: string[] | undefined
      /**
       * Hosts that packages may come from. Where it is empty, those that most packages of the lock file come from, and
       * those that the configuration of the package manager names. Default: `[]`.
       */
      registries?: string[] | undefined
      /** Oldest advisory data that is believed. Default: `7`. */
      maxAgeDays?: number | undefined
    } | undefined
    /** Dockerfile. `false` switches the check off. */
    dockerfile?: false | {
      /** Globs of files to leave out, from the root of the tree. Default: `[]`. */
      exclude?: string[] | undefined
      /**
       * Whether a service without HEALTHCHECK is a finding. Off where a probe of Cloud Run or Kubernetes serves.
       * Default: `true`.
       */
      healthcheck?: boolean | undefined
    } | undefined
    /** gitleaks. Off unless there is at least `{}` here. Default: `false`. */
    gitleaks?: false | {
      /** Globs of files that gitleaks is not shown. Default: `[]`. */
      exclude?: string[] | undefined
      /** How severe a result is that gitleaks does not rate. Default: `"high"`. */
      unratedAs?: 'low' | 'medium' | 'high' | 'critical' | undefined
      /** How long gitleaks may take. Default: `300`. */
      timeoutSeconds?: number | undefined
    } | undefined
    /** hadolint. Off unless there is at least `{}` here. Default: `false`. */
    hadolint?: false | {
      /** Globs of files that hadolint is not shown. Default: `[]`. */
      exclude?: string[] | undefined
      /** How severe a result is that hadolint does not rate. Default: `"medium"`. */
      unratedAs?: 'low' | 'medium' | 'high' | 'critical' | undefined
      /** How long hadolint may take. Default: `300`. */
      timeoutSeconds?: number | undefined
    } | undefined
    /** Lint. `false` switches the check off. */
    lint?: false | {
      /** Folder that is linted, relative to the root; what configures it may be above. Default: `"."`. */
      directory?: string | undefined
      /**
       * Which linter: `auto` is every one that the repository has a configuration of, and oxlint where it has none.
       * Default: `"auto"`.
       */
      linter?: 'auto' | 'oxlint' | 'eslint' | 'biome' | undefined
      /** Whether oxlint also runs its rules that need types. Without a tsconfig.json they never run. Default: `true`. */
      typeAware?: boolean | undefined
      /**
       * The rules of oxlint-tsgolint to run, named as typescript-eslint names them. Default: `[ "await-thenable",
       * "no-array-delete", "no-floating-promises", "no-for-in-array", "no-implied-eval", "no-misused-promises",
       * "only-throw-error", "restrict-plus-operands" ]`.
       */
      typeAwareRules?: string[] | undefined
      /** How long a linter may take. Default: `120`. */
      timeoutSeconds?: number | undefined
    } | undefined
    /** OSV-Scanner. Off unless there is at least `{}` here. Default: `false`. */
    'osv-scanner'?: false | {
      /** Globs of files that osv-scanner is not shown. Default: `[]`. */
      exclude?: string[] | undefined
      /** How severe a result is that osv-scanner does not rate. Default: `"medium"`. */
      unratedAs?: 'low' | 'medium' | 'high' | 'critical' | undefined
      /** How long osv-scanner may take. Default: `300`. */
      timeoutSeconds?: number | undefined
    } | undefined
    /** Probe. `false` switches the check off. */
    probe?: false | {
      /** Page that must answer 200, and whose forms are sent. Default: `"/"`. */
      path?: string | undefined
      /**
       * Path that must answer 200 too: what says whether the service and what it needs are well. `null`: none.
       * Default: `null`.
       */
      healthPath?: string | null | undefined
      /** Whether the forms of that page that are sent by POST are tried. A page without any is fine. Default: `true`. */
      forms?: boolean | undefined
      /**
       * Whether every such form must have a CSRF token. Off, a form without one is judged by whether another site
       * could send it with cookies. Default: `false`.
       */
      requireToken?: boolean | undefined
      /**
       * Whether people reach the service over TLS although the probe does not: `Secure` and
       * `Strict-Transport-Security` are asked for then. An origin with `https:` is judged so anyway. Default: `false`.
       */
      behindTls?: boolean | undefined
      /**
       * Requests in a row of which one must be answered with 429. 0: not tried. They come on top of `maxRequests`.
       * Default: `0`.
       */
      rateLimit?: number | undefined
      /** Requests that are under way at the same time, at most. Default: `4`. */
      maxAtOnce?: number | undefined
      /** Requests after which the probe gives up, as a failure and not as a pass. Default: `300`. */
      maxRequests?: number | undefined
      /** Seconds after which the probe gives up. Default: `60`. */
      timeoutSeconds?: number | undefined
    } | undefined
    /** Repository. `false` switches the check off. */
    repository?: false | {
      /** Globs of files and links that are not looked at, such as fixtures. Default: `[]`. */
      exclude?: string[] | undefined
    } | undefined
    /** Static analysis. `false` switches the check off. */
    sast?: false | {
      /** Globs of files to leave out, from the root of the tree. Default: `[]`. */
      exclude?: string[] | undefined
      /** Whether tests, fixtures and benchmarks are judged too: their input is their own. Default: `false`. */
      tests?: boolean | undefined
      /**
       * Whether what is built (`dist`, `build`, …) or copied from others (`vendor`, `third_party`, …) is judged too. A
       * tree that holds nothing else is judged in any case. Default: `false`.
       */
      generated?: boolean | undefined
      /**
       * Whether the parameters of what a package exports count as untrusted; such findings have low confidence.
       * `auto`: unless its package.json says `"private": true`, since then only the code that is read here calls it.
       * Default: `"auto"`.
       */
      libraryMode?: 'auto' | 'on' | 'off' | undefined
    } | undefined
    /** Secrets. `false` switches the check off. */
    secrets?: false | {
      /** Globs of files that are not looked at, such as fixtures that are documented as such. Default: `[]`. */
      exclude?: string[] | undefined
      /**
       * Whether the history is looked through as well, as with `--history`: all that any ref reaches, or the commits
       * of the change that is judged. Default: `false`.
       */
      history?: boolean | undefined
      /** A larger text is not looked through; a finding says so. Default: `2097152`. */
      maxFileBytes?: number | undefined
    } | undefined
    /** Terraform for Google Cloud. `false` switches the check off. */
    terraform?: false | {
      /**
       * Folder whose Terraform files are looked at, relative to the root. Modules that they call must be in it.
       * Default: `"."`.
       */
      directory?: string | undefined
      /** Globs of files to leave out, from the root of the tree. Default: `[]`. */
      exclude?: string[] | undefined
      /** A larger file is not looked at, which is a finding. Default: `1048576`. */
      maxFileBytes?: number | undefined
    } | undefined
    /** Tests. `false` switches the check off. */
    tests?: false | {
      /** Folder of the package.json whose script is run, relative to the root. Default: `"."`. */
      directory?: string | undefined
      /** Name of the script. Its `pre` and `post` scripts run with it, as npm does. Default: `"test"`. */
      script?: string | undefined
      /**
       * `none`: the tests reach services that they start themselves on loopback and nothing else, where it can be
       * enforced. Default: `"none"`.
       */
      network?: 'none' | 'host' | undefined
      /**
       * File that the script writes, JUnit XML or TAP, relative to `directory`. Needed only for a runner that Shiplock
       * does not know. Default: `null`.
       */
      report?: string | null | undefined
      /**
       * Least percentages of `lines`, `branches` and `functions` that the tests must reach together. What is not given
       * is not looked at.
       */
      coverage?: {
        lines?: number | undefined
        branches?: number | undefined
        functions?: number | undefined
      } | undefined
      /**
       * Globs of the files that the tests depend on, from the root. Others are not there when they run. Default: `[
       * "**" ]`.
       */
      reads?: string[] | undefined
      /** How long the script may take. What was running then is named. Default: `600`. */
      timeoutSeconds?: number | undefined
    } | undefined
    /** Trivy. Off unless there is at least `{}` here. Default: `false`. */
    trivy?: false | {
      /** Globs of files that trivy is not shown. Default: `[]`. */
      exclude?: string[] | undefined
      /** How severe a result is that trivy does not rate. Default: `"medium"`. */
      unratedAs?: 'low' | 'medium' | 'high' | 'critical' | undefined
      /** How long trivy may take. Default: `300`. */
      timeoutSeconds?: number | undefined
    } | undefined
    /** Types. `false` switches the check off. */
    types?: false | {
      /** The tsconfig to check, relative to the root of the tree. Default: `"tsconfig.json"`. */
      project?: string | undefined
      /**
       * Globs of the files that the compiler may read, from the root. Others are not there when it runs. Manifests and
       * lock files stand for the declarations in node_modules. Default: `[
       * "**\/*.{ts,mts,cts,tsx,js,mjs,cjs,jsx,json,vue,svelte,astro}", "**\/.*\/**\/*.{ts,mts,cts,tsx}", "**\/*.lock",
       * "**\/pnpm-lock.yaml" ]`.
       */
      reads?: string[] | undefined
      /** How long the compiler may take. Default: `300`. */
      timeoutSeconds?: number | undefined
    } | undefined
    /** Vulnerabilities of the image. `false` switches the check off. */
    vulnerabilities?: false | {
      /** Oldest advisory data that is believed. Default: `7`. */
      maxAgeDays?: number | undefined
    } | undefined
    /** GitHub workflows. `false` switches the check off. */
    workflows?: false | {
      /** Globs of files to leave out, from the root of the tree. Default: `[]`. */
      exclude?: string[] | undefined
      /**
       * Owners whose actions by tag are a finding of low severity: GitHub, and perhaps your own organisation. Default:
       * `[ "actions", "github" ]`.
       */
      firstParty?: string[] | undefined
    } | undefined
    /** zizmor. Off unless there is at least `{}` here. Default: `false`. */
    zizmor?: false | {
      /** Globs of files that zizmor is not shown. Default: `[]`. */
      exclude?: string[] | undefined
      /** How severe a result is that zizmor does not rate. Default: `"medium"`. */
      unratedAs?: 'low' | 'medium' | 'high' | 'critical' | undefined
      /** How long zizmor may take. Default: `300`. */
      timeoutSeconds?: number | undefined
    } | undefined
  } | undefined
  /** When the findings of a check stop a commit. */
  gates?: { [name in 'actionlint' | 'checkov' | 'dependencies' | 'dockerfile' | 'gitleaks' | 'hadolint' | 'lint' | 'osv-scanner' | 'probe' | 'repository' | 'sast' | 'secrets' | 'terraform' | 'tests' | 'trivy' | 'types' | 'vulnerabilities' | 'workflows' | 'zizmor']?: {
    /** Findings of this severity or worse stop the commit. `never`: they are only reported. Default: `"medium"`. */
    failOn?: 'low' | 'medium' | 'high' | 'critical' | 'never' | undefined
    /** Findings that are less certain are only reported. Default: `medium` for `sast`, else `low`. */
    minConfidence?: 'low' | 'medium' | 'high' | undefined
    /**
     * Whether findings in the committed baseline are only reported (`shiplock baseline` writes it); without a
     * baseline every finding is new. Default: `true`.
     */
    newOnly?: boolean | undefined
    /** Whether the check may be skipped or fail without stopping the commit. Default: `false`. */
    optional?: boolean | undefined
  } | undefined } | undefined
  /** Where the service runs. */
  targets?: {
    /** The local target: Cloud Run on loopback. */
    local?: {
      /** Port on 127.0.0.1 at which the service answers. Default: `8080`. */
      port?: number | undefined
      /**
       * How a new revision gets its traffic, and what it is held to meanwhile. `false`: all of it at once, after the
       * probe.
       */
      canary?: false | {
        /**
         * Percent of the traffic that the new revision gets, step by step; each only if the last was good. Default: `[
         * 5, 20, 50, 100 ]`.
         */
        steps?: number[] | undefined
        /** A step is never shorter. Default: `0`. */
        minWaitSeconds?: number | undefined
        /** After it, too few requests are an answer. The lag of the metrics is added. Default: `1`. */
        maxWaitSeconds?: number | undefined
        /** Requests that the new revision must have answered before it can be called good. Default: `300`. */
        minimumRequests?: number | undefined
        /**
         * Requests that the release itself sends in a step where users send too few, marked `x-shiplock-synthetic`. `0`:
         * none, and a quiet service is not released. Default: `100`.
         */
        syntheticRequests?: number | undefined
        /** Paths that those requests ask for, by GET. Default: `[ "/" ]`. */
        paths?: string[] | undefined
        /** How much larger its share of 5xx may be than the stable revision’s; 0.01 is one of a hundred. Default: `0.01`. */
        errorMargin?: number | undefined
        /** How many times slower than the stable revision it may be, at p50, p95 and p99. Default: `1.5`. */
        latencyRatio?: number | undefined
        /** Share of 5xx that it must not exceed, whatever the stable revision does. Default: `0.05`. */
        maxErrorRatio?: number | undefined
        /** Latency at p99 that it must not exceed, whatever the stable revision does. Default: `5000`. */
        maxP99Milliseconds?: number | undefined
      } | undefined
      /** Previews of pull requests, on a service of their own. */
      preview?: {
        /**
         * Environment variables of previews, over those of `service.env`: the database of previews, never that of
         * production.
         */
        env?: { [name: string]: string } | undefined
        /** Environment variables of previews whose values Secret Manager has, as `SECRET:VERSION`. None of production’s. */
        secrets?: { [name: string]: string } | undefined
        /**
         * Days after which `shiplock down --expired-previews` removes a preview that nobody deployed anew. Default:
         * `14`.
         */
        expiresDays?: number | undefined
      } | undefined
    } | undefined
    /** Cloud Run itself. `null`: there is none. Default: `null`. */
    'cloud-run'?: {
      /** Id of the project. Default: none, it must be named. */
      project: string
      /** Region of the service. Default: none, it must be named. */
      location: string
      /**
       * Name of the image in its registry, without tag: `europe-west1-docker.pkg.dev/PROJECT/REPOSITORY/NAME`. An
       * allowed image is pushed there, with what is attested of it, before it is deployed; the tag is the commit.
       * Default: none, it must be named.
       */
      repository: string
      /**
       * Who may reach the service: set at its first release, and held against what is there at each one. `null`: all
       * at the first release, later as it is. Default: `null`.
       */
      ingress?: 'all' | 'internal' | 'internal-and-load-balancer' | null | undefined
      /**
       * An admitted image is attested for Binary Authorization too, so that Cloud Run itself refuses any other.
       * `null`: it is not. Default: `null`.
       */
      binaryAuthorization?: {
        /** The attestor whose word the project’s policy requires. Default: none, it must be named. */
        attestor: string
        /** The key of the attestor that signs, in Google Cloud KMS. Default: none, it must be named. */
        key: string
      } | null | undefined
      /** Previews of pull requests, on a service of their own. `null`: there are none. Default: `null`. */
      preview?: {
        /** Identity of previews, which reaches nothing of production. Default: none, it must be named. */
        serviceAccount: string
        /** Whether anybody may open a preview; else who may invoke the preview service. Default: `false`. */
        isPublic?: boolean | undefined
        /**
         * Environment variables of previews, over those of `service.env`: the database of previews, never that of
         * production.
         */
        env?: { [name: string]: string } | undefined
        /** Environment variables of previews whose values Secret Manager has, as `SECRET:VERSION`. None of production’s. */
        secrets?: { [name: string]: string } | undefined
        /**
         * Days after which `shiplock down --expired-previews` removes a preview that nobody deployed anew. Default:
         * `14`.
         */
        expiresDays?: number | undefined
      } | null | undefined
      /**
       * Base URL of a Prometheus that has the metrics of the service. `null`: Cloud Monitoring is asked. Default:
       * `null`.
       */
      prometheus?: string | null | undefined
      /**
       * Where it is released before production, in this order; `--environment` names one. What is not said is as in
       * production, which is what stands beside this.
       */
      environments?: { [name: string]: {
        /** Default: that of production. */
        project?: string | undefined
        /** Default: that of production. */
        location?: string | undefined
        /** Default: that of production. */
        repository?: string | undefined
        /** Default: that of production. */
        binaryAuthorization?: {
          /** The attestor whose word the project’s policy requires. Default: none, it must be named. */
          attestor: string
          /** The key of the attestor that signs, in Google Cloud KMS. Default: none, it must be named. */
          key: string
        } | null | undefined
      } } | undefined
      /**
       * How a new revision gets its traffic, and what it is held to meanwhile. `false`: all of it at once, after the
       * probe.
       */
      canary?: false | {
        /**
         * Percent of the traffic that the new revision gets, step by step; each only if the last was good. Default: `[
         * 5, 20, 50, 100 ]`.
         */
        steps?: number[] | undefined
        /** A step is never shorter. Default: `60`. */
        minWaitSeconds?: number | undefined
        /** After it, too few requests are an answer. The lag of the metrics is added. Default: `900`. */
        maxWaitSeconds?: number | undefined
        /** Requests that the new revision must have answered before it can be called good. Default: `300`. */
        minimumRequests?: number | undefined
        /**
         * Requests that the release itself sends in a step where users send too few, marked `x-shiplock-synthetic`. `0`:
         * none, and a quiet service is not released. Default: `100`.
         */
        syntheticRequests?: number | undefined
        /** Paths that those requests ask for, by GET. Default: `[ "/" ]`. */
        paths?: string[] | undefined
        /** How much larger its share of 5xx may be than the stable revision’s; 0.01 is one of a hundred. Default: `0.01`. */
        errorMargin?: number | undefined
        /** How many times slower than the stable revision it may be, at p50, p95 and p99. Default: `1.5`. */
        latencyRatio?: number | undefined
        /** Share of 5xx that it must not exceed, whatever the stable revision does. Default: `0.05`. */
        maxErrorRatio?: number | undefined
        /** Latency at p99 that it must not exceed, whatever the stable revision does. Default: `5000`. */
        maxP99Milliseconds?: number | undefined
      } | undefined
    } | null | undefined
  } | undefined
  /** The workflows that `shiplock ci generate` writes. */
  ci?: {
    /** The branch that is released. Default: `"main"`. */
    branch?: string | undefined
    /** Label of the runners. Default: `"ubuntu-24.04"`. */
    runner?: string | undefined
    /**
     * How a step starts Shiplock. `shiplock`: a release is installed first; anything else brings itself. Default:
     * `"shiplock"`.
     */
    command?: string | undefined
    /** The release of Shiplock that is installed. Default: `"0.1.0"`. */
    version?: string | undefined
    /**
     * Where jobs may connect to; all else is refused. Empty: connections are only watched, and the runs show which
     * there are. Default: `[]`.
     */
    allowedEndpoints?: string[] | undefined
    /** Who a job is for Google Cloud; no key is kept. `null`: nothing is released from CI. Default: `null`. */
    google?: {
      /** The provider of Workload Identity Federation. Default: none, it must be named. */
      provider: string
      /**
       * Who releases to each environment: `production`, each of `targets.cloud-run.environments`, and `preview`.
       * Default: none, they must be named.
       */
      serviceAccounts: { [name: string]: string }
    } | null | undefined
    /** The infrastructure that is planned. `null`: none. Default: `null`. */
    terraform?: {
      /** Folder of the roots, one for each environment. Default: none, it must be named. */
      directory: string
      /** Who plans each of them; may only read. Default: none, they must be named. */
      planners: { [name: string]: string }
    } | null | undefined
    /** Workspaces that a tag publishes to npm, in this order. Default: `[]`. */
    packages?: string[] | undefined
  } | undefined
}
