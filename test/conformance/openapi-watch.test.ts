import { describe, expect, it } from 'vitest'
import { createOpenApiWatch } from '../support/openapi-watch.ts'

/** What holds every answer of the other tests against the OpenAPI document must itself be able to object. */
const document = {
  paths: {
    '/things/{id}': {
      get: {
        responses: {
          '200': {
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  additionalProperties: false,
                  properties: { id: { type: 'integer' } },
                },
              },
            },
          },
          '404': { $ref: '#/components/responses/404' },
        },
      },
    },
  },
  components: {
    responses: {
      '404': {
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
    schemas: { Problem: { type: 'object', required: ['title'] } },
  },
}

const met = (facts: object) => ({
  method: 'GET',
  target: '/things/7?x=1',
  status: 200,
  contentType: 'application/json',
  text: '{"id":7}',
  ...facts,
})
const check = (facts: object) => createOpenApiWatch(document).check(met(facts))
const refusal = { status: 404, contentType: 'application/problem+json', text: '{"title":"Not Found"}' }

describe('an answer', () => {
  it.each([{}, refusal, { method: 'HEAD', text: '' }, { ...refusal, method: 'DELETE', status: 405 }])(
    'that the document has passes: %j',
    (facts) => expect(() => check(facts)).not.toThrow(),
  )

  it.each([
    ['a path that is not there', { target: '/others' }, 'no such operation'],
    ['a method that is not there', { method: 'PUT' }, 'no such operation'],
    ['a status that is not there', { status: 202 }, 'no such status'],
    ['a media type that is not there', { contentType: 'text/plain' }, 'no such media type'],
    ['a member too many', { text: '{"id":7,"more":1}' }, 'not as the OpenAPI document says'],
    ['a member of another type', { text: '{"id":"7"}' }, 'not as the OpenAPI document says'],
    ['a problem without title', { ...refusal, text: '{}' }, 'not as the OpenAPI document says'],
    ['a refusal of the method that is no problem', { method: 'PUT', status: 405, text: '{}' }, 'not as'],
  ])('fails for %s', (_, facts, words) => expect(() => check(facts)).toThrow(words))
})
