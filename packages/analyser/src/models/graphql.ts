import type { CallbackModel, CallModel, LibraryModel } from './shape.ts'

const resolver = (arg: number, field: string): CallbackModel => ({ arg, field, params: [undefined, 'decorated.declared'] })
const server: CallModel = { callbacks: [resolver(0, 'resolvers.*'), resolver(0, 'rootValue.*')] }
const procedure: CallModel = { returns: 'trpc.procedure' }
const answers: CallModel = { callbacks: [{ arg: 0, params: ['trpc.call'] }] }
const checkedAnswers: CallModel = { callbacks: [{ arg: 0, params: ['trpc.call'] }], validated: 'trpc.checkedCall' }

/** Resolvers of GraphQL servers and procedures of tRPC: their arguments come from clients. */
export const graphql: LibraryModel = {
  modules: {
    'apollo-server': { members: { ApolloServer: { construct: server } } },
    'apollo-server-express': { members: { ApolloServer: { construct: server } } },
    '@apollo/server': { members: { ApolloServer: { construct: server } } },
    'graphql-yoga': { members: { createSchema: { call: server }, createYoga: { call: {} } } },
    '@graphql-tools/schema': { members: { makeExecutableSchema: { call: server } } },
    'graphql-tools': { members: { makeExecutableSchema: { call: server } } },
    mercurius: { call: server },
    graphql: { members: { GraphQLObjectType: { construct: { callbacks: [resolver(0, 'fields.*')] } } } },
    '@trpc/server': { members: { initTRPC: 'trpc.builder' } },
  },
  types: {
    'trpc.builder': { members: { create: { call: { returns: 'trpc.builder' } }, context: { call: { returns: 'trpc.builder' } }, meta: { call: { returns: 'trpc.builder' } }, procedure: 'trpc.procedure', router: { call: { copies: [0] } }, middleware: { call: {} } } },
    'trpc.procedure': { members: { input: { call: { returns: 'trpc.checked' } }, use: { call: procedure }, meta: { call: procedure }, output: { call: procedure }, query: { call: answers }, mutation: { call: answers }, subscription: { call: answers } } },
    // With an input schema, what arrives is what the schema says.
    'trpc.checked': { members: { use: { call: { returns: 'trpc.checked' } }, input: { call: { returns: 'trpc.checked' } }, output: { call: { returns: 'trpc.checked' } }, query: { call: checkedAnswers }, mutation: { call: checkedAnswers }, subscription: { call: checkedAnswers } } },
    'trpc.call': { members: { input: { source: 'request' } } },
    'trpc.checkedCall': { members: { input: {} } },
  },
}
