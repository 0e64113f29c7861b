import { attestForBinaryAuthorization } from '@shiplock/attestation/sign'
import { fail, ok } from '@shiplock/findings'
import type { Stage } from '../engine/stage.ts'
import { attestationFailure } from './attest-stage.ts'
import { builtImage } from './built-image.ts'
import { googleTransport, kmsSignerOf } from './signer.ts'

export const attesterStageId = 'binary-authorization'

/** The attestor whose word the target itself wants before a revision starts, and the key that gives it. */
export interface ImageAttester {
  /** `projects/P/attestors/A`. */
  readonly attestor: string
  /** `gcpkms://…`. */
  readonly key: string
  readonly environment: NodeJS.ProcessEnv
}

/** The decision of the admission once more, where Cloud Run itself enforces it: nothing is attested that was not admitted. */
export function attesterStage({ attestor, key, environment }: ImageAttester, repository: string, needs: readonly string[]): Stage {
  return {
    id: attesterStageId,
    title: 'Binary Authorization',
    subject: 'image',
    needs,
    timeoutMs: 120_000,
    run: async ({ result }) => {
      const image = builtImage(result)
      if (!image) throw new Error('an image was admitted that is not there')
      try {
        const done = await attestForBinaryAuthorization(
          { repository, digest: image.digest },
          { attestor, key: key.replace(/^gcpkms:\/\//, ''), signer: () => kmsSignerOf(key, environment), transport: googleTransport(environment), endpoints: { binaryAuthorization: endpoint(environment, 'BINARYAUTHORIZATION'), containerAnalysis: endpoint(environment, 'CONTAINERANALYSIS') } },
        )
        return ok({ summary: `${done} by ${attestor}` })
      } catch (error) {
        const failure = attestationFailure(error)
        if (failure) return fail(failure)
        throw error
      }
    },
  }
}

/** Where gcloud is told the same; never by the config. */
const endpoint = (environment: NodeJS.ProcessEnv, api: 'BINARYAUTHORIZATION' | 'CONTAINERANALYSIS'): string =>
  (environment[`CLOUDSDK_API_ENDPOINT_OVERRIDES_${api}`] || `https://${api.toLowerCase()}.googleapis.com`).replace(/\/+$/, '')
