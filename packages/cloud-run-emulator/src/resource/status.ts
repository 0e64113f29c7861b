/** The canonical codes of `google.rpc.Code` that this API answers with: number on the wire and HTTP status (google/rpc/code.proto). */
export const statusCodes = {
  CANCELLED: { code: 1, http: 499 },
  INVALID_ARGUMENT: { code: 3, http: 400 },
  DEADLINE_EXCEEDED: { code: 4, http: 504 },
  NOT_FOUND: { code: 5, http: 404 },
  ALREADY_EXISTS: { code: 6, http: 409 },
  PERMISSION_DENIED: { code: 7, http: 403 },
  FAILED_PRECONDITION: { code: 9, http: 400 },
  ABORTED: { code: 10, http: 409 },
  UNIMPLEMENTED: { code: 12, http: 501 },
  INTERNAL: { code: 13, http: 500 },
  UNAVAILABLE: { code: 14, http: 503 },
  UNAUTHENTICATED: { code: 16, http: 401 },
} as const satisfies Record<string, { readonly code: number; readonly http: number }>

export type StatusName = keyof typeof statusCodes

/** One entry of `google.rpc.BadRequest`: `field` as a path in the request, e.g. `traffic[0].percent`. */
export interface FieldViolation {
  readonly field: string
  readonly description: string
}

/** An answer of the API that is not the resource asked for (AIP-193). */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: StatusName
  readonly violations: readonly FieldViolation[]

  constructor(status: StatusName, message: string, violations: readonly FieldViolation[] = []) {
    super(message)
    this.status = status
    this.violations = violations
  }

  get httpStatus(): number {
    return statusCodes[this.status].http
  }

  /** The body of the HTTP answer: `{ error: { code, message, status, details } }`, where code is the HTTP status. */
  toBody(): object {
    return { error: { code: this.httpStatus, message: this.message, status: this.status, details: this.details() } }
  }

  /** `google.rpc.Status`, as an operation carries it: here code is that of `google.rpc.Code`. */
  toRpcStatus(): RpcStatus {
    return { code: statusCodes[this.status].code, message: this.message, details: this.details() }
  }

  private details(): readonly object[] {
    if (this.violations.length === 0) return []
    return [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: this.violations }]
  }
}

export interface RpcStatus {
  readonly code: number
  readonly message: string
  readonly details: readonly object[]
}

/** INVALID_ARGUMENT about one field of the request. */
export function invalidField(field: string, description: string): ApiError {
  return new ApiError('INVALID_ARGUMENT', `${field}: ${description}`, [{ field, description }])
}

export function checkRange(field: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max)) throw invalidField(field, `must be between ${min} and ${max}`)
}
