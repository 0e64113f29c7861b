import type { CallModel, LibraryModel, Shape } from './shape.ts'
import { calls, textOnly } from './text.ts'

const text = 'schema.text'
const exact = 'schema.exact'
const inner = 'schema.object'
const any = 'schema.any'
const refines: CallModel = { copies: [-1] }
/** What is checked is no operator of a query and has no field beyond those that are named. */
const checkedText: Shape = { harmless: textOnly }
const checkedExactly: Shape = { harmless: 'all' }

const results = { ...calls({ checks: { schema: -1 } }, 'parse', 'parseAsync', 'validateSync', 'validateAsync', 'cast', 'attempt', 'Decode', 'Parse', 'decode', 'assert'), ...calls({ checks: { schema: -1, field: 'data' } }, 'safeParse', 'safeParseAsync', 'spa'), validate: { call: { checks: { schema: -1, field: 'value' } } } }
const chain = calls(refines, 'optional', 'nullable', 'nullish', 'default', 'describe', 'brand', 'readonly', 'required', 'allow', 'label', 'messages', 'meta', 'catch', 'strict', 'strip', 'partial', 'pick', 'omit', 'extend', 'merge', 'keys', 'noUnknown', 'shape', 'unknown', 'options', 'trim', 'lowercase', 'uppercase', 'toLowerCase', 'toUpperCase', 'min', 'max', 'length', 'nonempty', 'refine', 'superRefine', 'description', 'normalize')
const narrows: CallModel = { returns: exact }
const strong = calls(narrows, 'uuid', 'guid', 'cuid', 'cuid2', 'ulid', 'nanoid', 'regex', 'pattern', 'matches', 'datetime', 'date', 'time', 'ip', 'ipv4', 'ipv6', 'alphanum', 'hex', 'valid', 'oneOf', 'only', 'isoDate', 'int', 'positive', 'jwt', 'base64url', 'hostname', 'token', 'email')

const builders = {
  ...calls({ returns: text }, 'string', 'any_string', 'String', 'str'),
  ...calls({ returns: exact }, 'number', 'bigint', 'boolean', 'bool', 'date', 'enum', 'nativeEnum', 'literal', 'Number', 'Integer', 'Boolean', 'Literal', 'Enum', 'uuid', 'cuid', 'ulid', 'int', 'valid', 'picklist', 'stringbool', 'email', 'ipv4', 'iso'),
  ...calls({ returns: inner, copies: [0] }, 'object', 'Object', 'strictObject', 'array', 'Array', 'tuple', 'intersection', 'Composite', 'Partial', 'Optional', 'optional', 'nullable', 'preprocess', 'pipe'),
  ...calls({ returns: any }, 'any', 'unknown', 'record', 'map', 'Any', 'Unknown', 'Record', 'looseObject', 'passthrough'),
  coerce: 'schema.coerce',
}
const builder: Shape = { members: { ...builders, ...calls({ checks: { schema: 1 } }, 'parse', 'attempt', 'assert'), Type: 'schema.builder', z: 'schema.builder', default: 'schema.builder', Joi: 'schema.builder', compile: { call: { copies: [0] } } } }

/** A middleware that lets requests pass only as a document says. */
const validated: Shape = { validates: new Map(['body', 'query', 'params', 'headers'].map((segment) => [segment, [[[], checkedText]]])) }
const compiled: Shape = { call: { guards: { arg: 0, harmless: textOnly } } }

/** Schemas: zod, joi, yup, valibot, TypeBox, ajv, express-validator. What they have checked is what they say, field by field. */
export const schemas: LibraryModel = {
  modules: {
    zod: 'schema.builder',
    'zod/v4': 'schema.builder',
    'zod/v3': 'schema.builder',
    joi: 'schema.builder',
    celebrate: { members: { Joi: 'schema.builder', celebrate: { call: {} }, validator: { call: {} } } },
    '@hapi/joi': 'schema.builder',
    yup: 'schema.builder',
    valibot: 'schema.builder',
    superstruct: 'schema.builder',
    '@sinclair/typebox': 'schema.builder',
    typebox: 'schema.builder',
    '@sinclair/typebox/value': { members: { Value: { members: { Check: { call: { guards: { arg: 1, harmless: textOnly } } }, Decode: { call: { checks: { schema: 0 } } }, Parse: { call: { checks: { schema: 0 } } } } } } },
    ajv: { construct: { returns: 'ajv' }, call: { returns: 'ajv' }, members: { Ajv: { construct: { returns: 'ajv' } } } },
    'ajv/dist/2019': { construct: { returns: 'ajv' }, members: { Ajv2019: { construct: { returns: 'ajv' } } } },
    'ajv/dist/2020': { construct: { returns: 'ajv' }, members: { Ajv2020: { construct: { returns: 'ajv' } } } },
    'ajv/dist/jtd': { construct: { returns: 'ajv' } },
    'ajv-formats': { call: { copies: [0] } },
    'ajv-errors': { call: { copies: [0] } },
    'ajv-keywords': { call: { copies: [0] } },
    // What its document says of requests stands elsewhere: it is taken for one that says what everything is.
    'express-openapi-validator': { members: { middleware: { call: { returns: validated } } } },
    'express-openapi-validate': { members: { OpenApiValidator: { construct: { returns: { members: { validate: { call: { returns: validated } }, match: { call: { returns: validated } } } } } } } },
    'express-validator': { members: { matchedData: { call: { returns: 'http.text' } } } },
    'class-transformer': { members: calls({ copies: [1], harmless: textOnly }, 'plainToClass', 'plainToInstance') },
  },
  types: {
    'schema.builder': builder,
    'schema.object': { checked: checkedText, members: { ...results, ...chain, unknown: { call: { returns: any } }, passthrough: { call: { returns: any } }, loose: { call: { returns: any } } } },
    'schema.text': { checked: checkedText, members: { ...results, ...chain, ...strong, url: { call: { returns: text } } } },
    'schema.exact': { checked: checkedExactly, members: { ...results, ...calls({ returns: exact }, ...Object.keys(chain), ...Object.keys(strong)) } },
    'schema.any': { members: { ...results, ...chain } },
    'schema.coerce': { members: builders },
    ajv: { members: { compile: { call: { returns: compiled }, api: 'ajv.compile' }, addSchema: { call: { copies: [-1] } }, addKeyword: { call: { copies: [-1] } }, validate: { call: { guards: { arg: 1, harmless: textOnly } }, api: 'ajv.validate' } } },
  },
}
