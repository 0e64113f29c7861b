/** Something that goes wrong for whoever asked: how a page tells it to a person, and the API to a program. Never why inside. */
export interface Explanation {
  readonly status: number
  /** What happened, to the reader of a page. */
  readonly title: string
  /** What that reader can do. */
  readonly advice: string
  /** What happened, to the author of a program. */
  readonly summary: string
  /** What the author of a program can do. */
  readonly detail: string
}

/** Everything that is explained, by the name that the OpenAPI document knows it under. */
export const explanations = {
  Malformed: {
    status: 400,
    title: 'This request makes no sense',
    advice: 'The address or the form was damaged on its way. Go back to your list and try again.',
    summary: 'The request cannot be read',
    detail: 'The address or the body cannot be read: the path must be percent-encoded UTF-8, the body one JSON object without repeated members.',
  },
  InvalidQuery: {
    status: 400,
    title: 'The query does not fit',
    advice: 'The address was damaged on its way. Go back to your list and start from there.',
    summary: 'The query does not fit',
    detail: 'A parameter of the query is unknown, repeated or has a value that it cannot have; see "errors".',
  },
  CrossSite: {
    status: 403,
    title: 'This did not come from your list',
    advice: 'Another website sent this form, so it was refused and nothing was changed. If it was you, do it again from your list.',
    summary: 'The request came from another site',
    detail: 'The browser says (Sec-Fetch-Site) that another site sent this; changes are taken from this site alone. Nothing was changed.',
  },
  ForeignOrigin: {
    status: 403,
    title: 'This did not come from your list',
    advice: 'The form came from another address than this one, so it was refused and nothing was changed. Do it again from your list.',
    summary: 'The request came from another origin',
    detail: 'The Origin is not this host; changes are taken from this host alone. Nothing was changed.',
  },
  NoSession: {
    status: 403,
    title: 'Your session is not there',
    advice: 'Nothing was changed. Allow cookies for this site, or, if you did, open your list again: the session has ended.',
    summary: 'The session is missing',
    detail: 'The session cookie is missing or was not signed here. GET /api/csrf-token sets one. Nothing was changed.',
  },
  NoToken: {
    status: 403,
    title: 'This form was not complete',
    advice: 'A part was missing that proves it to be yours, so nothing was changed. Open your list again and repeat what you did.',
    summary: 'The token is missing',
    detail: 'The token is missing: send the one of GET /api/csrf-token in the header x-csrf-token. Nothing was changed.',
  },
  WrongToken: {
    status: 403,
    title: 'This page was too old',
    advice: 'It belonged to an earlier session, so nothing was changed. Open your list again and repeat what you did.',
    summary: 'The token belongs to another session',
    detail: 'The token was not made for this session: get a new one by GET /api/csrf-token with the same cookie. Nothing was changed.',
  },
  NotFound: {
    status: 404,
    title: 'There is no such page',
    advice: 'The address may be old or mistyped.',
    summary: 'There is nothing at this address',
    detail: 'There is nothing at this address; /api/openapi.json describes what there is.',
  },
  TaskNotFound: {
    status: 404,
    title: 'This task is not on your list',
    advice: 'It may have been deleted in another tab.',
    summary: 'There is no such task',
    detail: 'The owner of this session has no task with this id.',
  },
  MethodNotAllowed: {
    status: 405,
    title: 'This cannot be done here',
    advice: 'Nothing was changed. Go back to your list and start from there.',
    summary: 'The method is not allowed here',
    detail: 'This address does not answer this method; the header Allow names those that it answers.',
  },
  RequestTimeout: {
    status: 408,
    title: 'This took too long to arrive',
    advice: 'Nothing was changed. Look at your connection and try again.',
    summary: 'The request took too long to arrive',
    detail: 'The request did not arrive in full in time. Nothing was changed.',
  },
  TooLarge: {
    status: 413,
    title: 'That is too much',
    advice: 'A task is at most 200 characters long. Nothing was changed.',
    summary: 'The body is too large',
    detail: 'The body is larger than anything that fits here. Nothing was changed.',
  },
  AddressTooLong: {
    status: 414,
    title: 'This address is too long',
    advice: 'Go back to your list and start from there.',
    summary: 'The address is too long',
    detail: 'The address is longer than any that there is.',
  },
  UnsupportedMediaType: {
    status: 415,
    title: 'This form cannot be read',
    advice: 'It was not sent the way that browsers send forms. Nothing was changed.',
    summary: 'The media type is not supported',
    detail: 'The Content-Type must be application/json. Nothing was changed.',
  },
  InvalidTask: {
    status: 422,
    title: 'This task cannot be kept',
    advice: 'Nothing was changed. Go back and look at what you wrote.',
    summary: 'The body does not fit',
    detail: 'The body is not what is asked for; see "errors". Nothing was changed.',
  },
  ListFull: {
    status: 422,
    title: 'Your list is full',
    advice: 'Nothing was changed. Delete tasks that you need no more, then add this one.',
    summary: 'The list is full',
    detail: 'There are as many tasks on this list as fit. Nothing was changed; delete some, then add this one.',
  },
  TooManyRequests: {
    status: 429,
    title: 'That was a little fast',
    advice: 'More came from your address than one person sends. Nothing was changed; wait a moment and try again.',
    summary: 'There were too many requests',
    detail: 'More came from this address than is taken in a minute. Nothing was changed; Retry-After says when to go on.',
  },
  HeadersTooLarge: {
    status: 431,
    title: 'Your browser sent too much',
    advice: 'Delete the cookies of this site and open your list again.',
    summary: 'The headers are too large',
    detail: 'The headers are larger than this service reads.',
  },
  Unexpected: {
    status: 500,
    title: 'Something went wrong',
    advice: 'It is our fault, and it has been noted. Go back to your list and look whether your change is there before you try again.',
    summary: 'Something went wrong',
    detail: 'It is our fault, and it has been noted under the id in "instance". Look whether the change was made before trying again.',
  },
  Unavailable: {
    status: 503,
    title: 'Your list cannot be reached just now',
    advice: 'Nothing is lost. Open your list again in a few seconds, and look whether your last change is there.',
    summary: 'The database does not answer',
    detail: 'The database does not answer. Retry-After says when to go on; look then whether a change was made before repeating it.',
  },
} as const satisfies Readonly<Record<string, Explanation>>

export type ProblemName = keyof typeof explanations

/** What exactly is wrong with a request, in words for its author: a member of the body, or a parameter of the query. */
export type ProblemError = { readonly detail: string; readonly pointer: string } | { readonly detail: string; readonly parameter: string }

/** RFC 9457, as it is sent. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
  readonly errors?: readonly ProblemError[]
}

export const problemContentType = 'application/problem+json; charset=utf-8'

/** Where the OpenAPI document is; each problem's type points to its description there. */
export const openApiPath = '/api/openapi.json'

/** Makes the problem of one request. */
export function problem(name: ProblemName, requestId: string, errors?: readonly ProblemError[]): Problem {
  const { summary, status, detail } = explanations[name]
  return {
    type: `${openApiPath}#/components/examples/${name}`,
    title: summary,
    status,
    detail,
    instance: `urn:request:${requestId}`,
    ...(errors && { errors }),
  }
}
