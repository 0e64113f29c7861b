import type { CallModel, LibraryModel, Shape } from './shape.ts'
import { calls, each } from './text.ts'

/** What a message holds is the word of whoever may put one into the queue. */
const message: Shape = { source: 'queue' }
const hears = (arg: number, ...params: readonly (Shape | string | undefined)[]): CallModel => ({ callbacks: [{ arg, params }] })

const amqp: Shape = { members: { connect: { call: { returns: 'amqp.connection', callbacks: [{ arg: -1, params: [undefined, 'amqp.connection'] }] } } } }
const bull: Shape = { construct: { returns: 'bull.queue' }, call: { returns: 'bull.queue' } }
const receives: CallModel = { returns: 'sqs.received', callbacks: [{ arg: -1, params: [undefined, 'sqs.received'] }] }

/** Message queues and brokers: RabbitMQ, Kafka, Bull, SQS, Redis, NATS, MQTT, Pub/Sub, Service Bus. */
export const queues: LibraryModel = {
  modules: {
    amqplib: amqp,
    'amqplib/callback_api': amqp,
    'amqp-connection-manager': amqp,
    kafkajs: { members: { Kafka: { construct: { returns: { members: { consumer: { call: { returns: 'kafka.consumer' } }, producer: { call: {} }, admin: { call: {} } } } } } } },
    'node-rdkafka': { members: each({ construct: { returns: 'kafka.stream' } }, 'KafkaConsumer') },
    bull,
    bullmq: { members: { Worker: { construct: { callbacks: [{ arg: 1, params: ['bull.job'] }] } }, Queue: { construct: {} } } },
    'bee-queue': bull,
    'pg-boss': { construct: { returns: 'pgboss' }, members: { PgBoss: { construct: { returns: 'pgboss' } } } },
    agenda: { construct: { returns: 'agenda' }, members: { Agenda: { construct: { returns: 'agenda' } } } },
    inngest: { members: { Inngest: { construct: { returns: { members: { createFunction: { call: hears(-1, { members: { event: { members: { data: message } } } }) } } } } } } },
    'sqs-consumer': { members: { Consumer: { members: { create: { call: { callbacks: [{ arg: 0, field: 'handleMessage', params: ['sqs.message'] }, { arg: 0, field: 'handleMessageBatch', params: [message] }] } } } } } },
    'aws-sdk': { members: { SQS: { construct: { returns: { members: { receiveMessage: { call: receives } } } } } } },
    '@aws-sdk/client-sqs': { members: { SQSClient: { construct: { returns: { members: { send: { call: { returns: 'sqs.received' } } } } } }, SQS: { construct: { returns: { members: { receiveMessage: { call: receives } } } } } } },
    '@google-cloud/pubsub': { members: { PubSub: { construct: { returns: 'pubsub' } } } },
    '@azure/service-bus': { members: { ServiceBusClient: { construct: { returns: { members: { createReceiver: { call: { returns: 'servicebus.receiver' } } } } } } } },
    mqtt: { members: each({ call: { returns: 'mqtt.client' } }, 'connect', 'connectAsync') },
    nats: { members: { connect: { call: { returns: { members: { subscribe: { call: { returns: 'nats.messages' } } } } } } } },
  },
  types: {
    'queue.message': message,
    'amqp.connection': { members: each({ call: { returns: 'amqp.channel', callbacks: [{ arg: -1, params: [undefined, 'amqp.channel'] }] } }, 'createChannel', 'createConfirmChannel') },
    'amqp.channel': { members: { consume: { call: hears(1, message) }, get: { call: { returns: message } } } },
    'kafka.consumer': { members: { run: { call: { callbacks: [{ arg: 0, field: 'eachMessage', params: [{ members: { message } }] }, { arg: 0, field: 'eachBatch', params: [{ members: { batch: { members: { messages: message } } } }] }] } } } },
    'kafka.stream': { members: { on: { call: hears(1, message) } } },
    'bull.queue': { members: { process: { call: { callbacks: [{ arg: -1, params: ['bull.job'] }] } } } },
    'bull.job': { members: { data: message } },
    // One job or a list of them.
    pgboss: { members: { work: { call: hears(-1, { members: { data: message, '*': 'bull.job' } }) } } },
    agenda: { members: { define: { call: { callbacks: [{ arg: 'any', params: [{ members: { attrs: { members: { data: message } } } }] }] } } } },
    'sqs.message': { members: each(message, 'Body', 'MessageAttributes') },
    'sqs.received': { members: { Messages: message } },
    pubsub: { members: { ...calls({ returns: 'pubsub' }, 'topic', 'subscription'), on: { call: hears(1, { members: each(message, 'data', 'attributes') }) } } },
    'servicebus.receiver': { members: { subscribe: { call: { callbacks: [{ arg: 0, field: 'processMessage', params: [{ members: { body: message } }] }] } }, receiveMessages: { call: { returns: message } } } },
    'mqtt.client': { members: { on: { call: hears(1, undefined, message) } } },
    'nats.messages': { members: { '[]': { members: { data: message } } } },
    // Clients of Redis hear what others publish.
    'redis.client': { members: { on: { call: hears(1, undefined, message, message) }, subscribe: { call: hears(-1, message) }, pSubscribe: { call: hears(-1, message) } } },
  },
  annotations: { ConsumeMessage: 'queue.message', 'amqp.ConsumeMessage': 'queue.message', KafkaMessage: 'queue.message', Job: 'bull.job' },
}
