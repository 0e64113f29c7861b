import type { LibraryModel, Shape } from './shape.ts'
import { each, requestText } from './text.ts'

const event: Shape = {
  members: {
    ...each(requestText, 'queryStringParameters', 'multiValueQueryStringParameters', 'pathParameters', 'headers', 'multiValueHeaders', 'rawPath', 'rawQueryString', 'path', 'cookies'),
    body: { source: 'request' },
    arguments: { source: 'request' },
    Records: { source: 'message' },
    detail: { source: 'message' },
  },
}

/** Functions as a service: AWS Lambda, Google Cloud Functions, Firebase, Azure, Cloudflare and Deno. */
export const serverless: LibraryModel = {
  modules: {
    '@google-cloud/functions-framework': { members: { http: { call: { callbacks: [{ arg: 1, params: ['http.request', 'http.response'] }] } }, cloudEvent: { call: { callbacks: [{ arg: 1, params: ['decorated.message'] }] } } } },
    'firebase-functions': 'firebase.functions',
    'firebase-functions/v1': 'firebase.functions',
    'firebase-functions/v2/https': 'firebase.https',
    'firebase-functions/https': 'firebase.https',
    '@azure/functions': { members: { app: { members: { http: { call: { callbacks: [{ arg: 1, field: 'handler', params: ['azure.request'] }] } } } } } },
    '@middy/core': { call: { callbacks: [{ arg: 0, params: ['lambda.event'] }], copies: [0] } },
  },
  globals: { Deno: { members: { serve: { call: { callbacks: [{ arg: 'any', params: ['http.request'] }] } } } }, Bun: { members: { serve: { call: { callbacks: [{ arg: 0, field: 'fetch', params: ['http.request'] }] } } } } },
  types: {
    'lambda.event': event,
    'firebase.functions': { members: { https: 'firebase.https' } },
    'firebase.https': { members: { onRequest: { call: { callbacks: [{ arg: -1, params: ['http.request', 'http.response'] }] } }, onCall: { call: { callbacks: [{ arg: -1, params: ['firebase.data'] }] } } } },
    'firebase.data': { source: 'request' },
    'azure.request': { members: { ...each(requestText, 'query', 'params', 'headers', 'url'), body: { source: 'request' }, json: { call: { returns: 'http.input' } }, text: { call: { returns: 'http.text' } } } },
  },
  annotations: {
    APIGatewayProxyEvent: 'lambda.event',
    APIGatewayProxyEventV2: 'lambda.event',
    APIGatewayEvent: 'lambda.event',
    ALBEvent: 'lambda.event',
    LambdaFunctionURLEvent: 'lambda.event',
    SQSEvent: 'lambda.event',
    SNSEvent: 'lambda.event',
    HttpRequest: 'azure.request',
  },
  entries: [{ path: /\.[cm]?[jt]s$/, exports: /^\w+$/, params: ['lambda.event'], named: /^_?(?:event|evt)$/ }],
}
