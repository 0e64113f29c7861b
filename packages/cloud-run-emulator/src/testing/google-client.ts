import { createRequire } from 'node:module'

/** As much of protobufjs' reflection as the conformance test looks at. */
export interface ProtoField {
  readonly name: string
  readonly type: string
  readonly repeated: boolean
  readonly map: boolean
  readonly options?: Readonly<Record<string, unknown>>
  readonly resolvedType: ProtoType | null
}

export interface ProtoType {
  readonly fullName: string
  /** Of a message. */
  readonly fieldsArray?: readonly ProtoField[]
  readonly fields?: Readonly<Record<string, ProtoField>>
  /** Of an enum. */
  readonly values?: Readonly<Record<string, number>>
}

export interface ProtoRoot {
  lookupType(name: string): ProtoType
  resolveAll(): void
}

export interface GoogleOperation {
  promise(): Promise<readonly [GoogleService]>
}

export interface GoogleService {
  readonly name: string
  readonly uri: string
  readonly etag: string
  readonly terminalCondition: { readonly state: string | number }
  readonly traffic: readonly { readonly type: string | number; readonly revision: string; readonly percent: number; readonly tag: string }[]
  readonly trafficStatuses: readonly { readonly percent: number; readonly revision: string; readonly tag: string; readonly uri: string }[]
  readonly latestReadyRevision: string
  readonly template: object
}

export interface GoogleServices {
  createService(request: object): Promise<readonly [GoogleOperation]>
  getService(request: object): Promise<readonly [GoogleService]>
  listServices(request: object): Promise<readonly [readonly GoogleService[]]>
  updateService(request: object): Promise<readonly [GoogleOperation]>
  deleteService(request: object): Promise<readonly [GoogleOperation]>
  getIamPolicy(request: object): Promise<readonly [{ readonly bindings: readonly object[]; readonly etag: Uint8Array }]>
  setIamPolicy(request: object): Promise<readonly [{ readonly bindings: readonly object[] }]>
  close(): Promise<void>
}

export interface GoogleRevisions {
  listRevisions(request: object): Promise<readonly [readonly { readonly name: string }[]]>
  getRevision(
    request: object,
  ): Promise<
    readonly [{ readonly name: string; readonly conditions: readonly { readonly type: string; readonly state: string | number }[] }]
  >
  close(): Promise<void>
}

export interface GoogleJobs {
  createJob(request: object): Promise<readonly [GoogleOperation]>
  getJob(request: object): Promise<readonly [object]>
  updateJob(request: object): Promise<readonly [GoogleOperation]>
  runJob(request: object): Promise<readonly [GoogleOperation]>
  deleteJob(request: object): Promise<readonly [GoogleOperation]>
  close(): Promise<void>
}

export interface GoogleExecutions {
  listExecutions(request: object): Promise<readonly [readonly { readonly name: string }[]]>
  close(): Promise<void>
}

export interface GoogleClient {
  readonly version: string
  readonly protos: ProtoRoot
  connect(
    adminUrl: string,
    token: string,
  ): { readonly services: GoogleServices; readonly revisions: GoogleRevisions; readonly jobs: GoogleJobs; readonly executions: GoogleExecutions }
}

/** Google's own client, where it is installed: the judge of whether the emulator speaks as Cloud Run does. */
export function findGoogleClient(): GoogleClient | undefined {
  const require = createRequire(import.meta.url)
  let path: string
  try {
    path = require.resolve('@google-cloud/run')
  } catch {
    return undefined
  }
  const run = require(path)
  const gaxPath = createRequire(path).resolve('google-gax')
  const { GoogleAuth, OAuth2Client } = createRequire(gaxPath)('google-auth-library')
  const { Root } = createRequire(gaxPath)('protobufjs')
  const protos: ProtoRoot = Root.fromJSON(require('@google-cloud/run/build/protos/protos.json'))
  protos.resolveAll()
  return {
    version: require('@google-cloud/run/package.json').version,
    protos,
    connect(adminUrl, token) {
      const { hostname, port } = new URL(adminUrl)
      const authClient = new OAuth2Client()
      authClient.setCredentials({ access_token: token, expiry_date: Date.now() + 3_600_000 })
      const options = {
        fallback: true,
        protocol: 'http',
        apiEndpoint: hostname,
        port: Number(port),
        projectId: 'local',
        auth: new GoogleAuth({ authClient }),
      }
      return {
        services: new run.v2.ServicesClient(options),
        revisions: new run.v2.RevisionsClient(options),
        jobs: new run.v2.JobsClient(options),
        executions: new run.v2.ExecutionsClient(options),
      }
    },
  }
}
