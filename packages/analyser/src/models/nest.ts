import type { LibraryModel, Shape } from './shape.ts'
import { requestText, textOnly } from './text.ts'

const checked: Shape = { harmless: 'all', isDeclared: true }
/** A class says what it may hold: no operator of a query, no field that is not declared. */
const declared: Shape = { source: 'request', harmless: textOnly }

const both = (name: string, plain: string, typed = plain): Record<string, string> => ({ [`@${name}`]: plain, [`@${name}: typed`]: typed })

/** What decorators say of parameters: Nest, its GraphQL, sockets and queues, routing-controllers, tsoa, type-graphql. */
export const nest: LibraryModel = {
  modules: { '@nestjs/common': { members: { createParamDecorator: { call: { callbacks: [{ arg: 0, params: [undefined, 'nest.execution'], gives: 'result' }] } } } } },
  types: { 'decorated.checked': checked, 'decorated.declared': declared, 'decorated.text': requestText, 'decorated.message': { source: 'message' }, 'nest.execution': { members: { switchToHttp: { call: { returns: { members: { getRequest: { call: { returns: 'http.request' } }, getResponse: { call: { returns: 'http.response' } } } } } }, getArgByIndex: { call: { returns: 'http.request' } } } } },
  annotations: {
    '@checked': 'decorated.checked',
    ...both('Body', 'http.input', 'decorated.declared'),
    ...both('Query', 'http.input', 'decorated.declared'),
    ...both('Param', 'decorated.text'),
    ...both('Params', 'decorated.text'),
    ...both('Path', 'decorated.text'),
    ...both('Headers', 'decorated.text'),
    ...both('Header', 'decorated.text'),
    ...both('Cookies', 'decorated.text'),
    ...both('HostParam', 'decorated.text'),
    ...both('RawBody', 'decorated.text'),
    ...both('Req', 'http.request'),
    ...both('Request', 'http.request'),
    ...both('Res', 'http.response'),
    ...both('Response', 'http.response'),
    ...both('UploadedFile', 'http.input'),
    ...both('UploadedFiles', 'http.input'),
    ...both('Args', 'decorated.declared'),
    ...both('Arg', 'decorated.declared'),
    ...both('MessageBody', 'decorated.message'),
    ...both('Payload', 'decorated.message'),
    ...both('QueryParam', 'http.input', 'decorated.declared'),
    ...both('QueryParams', 'http.input', 'decorated.declared'),
    ...both('BodyParam', 'http.input', 'decorated.declared'),
    ...both('HeaderParam', 'decorated.text'),
    ...both('HeaderParams', 'decorated.text'),
    ...both('CookieParam', 'decorated.text'),
    ...both('BodyProp', 'http.input'),
    ...both('FormField', 'decorated.text'),
    ...both('queryParam', 'http.input'),
    ...both('requestBody', 'http.input', 'decorated.declared'),
    ...both('requestParam', 'decorated.text'),
    ...both('requestHeaders', 'decorated.text'),
    ...both('cookies', 'decorated.text'),
    ...both('request', 'http.request'),
    ...both('response', 'http.response'),
    ExecutionContext: 'nest.execution',
  },
}
