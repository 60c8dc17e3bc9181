import { describe, expect, it } from 'vitest'
import type { Api, ApiReply } from './api.ts'
import { Failure } from './failure.ts'
import { patientApi } from './patient-api.ts'
import { refusalOf } from './refusal.ts'

const DONE: ApiReply = { status: 200, headers: {}, body: {} }
const limited = (retryAfter?: string) =>
  refusalOf(429, retryAfter === undefined ? {} : { 'retry-after': retryAfter }, '{"title":"HTTP 429"}')

/** Answers in turn, and what was paused between. */
function calling(...answers: readonly (ApiReply | Failure)[]) {
  const paused: number[] = []
  const left = [...answers]
  const api: Api = {
    host: 'h',
    async call() {
      const answer = left.shift() ?? DONE
      if (answer instanceof Failure) throw answer
      return answer
    },
    events: () => Promise.resolve(),
    close: () => {},
  }
  const patient = patientApi(api, async (milliseconds) => void paused.push(milliseconds))
  return { paused, answer: patient.call({ method: 'POST', path: '/', accept: '*/*' }) }
}

describe('a call that a rate limit refuses', () => {
  it('is made again when the limit says it may be', async () => {
    const { answer, paused } = calling(limited('2'), limited('60'), DONE)
    expect(await answer).toBe(DONE)
    expect(paused).toEqual([2_000, 60_000])
  })

  it.each([
    ['again and again', [limited('1'), limited('1'), limited('1')], 2],
    ['without a time', [limited()], 0],
    ['with a word for a time', [limited('soon')], 0],
    ['for longer than anybody waits', [limited('3600')], 0],
  ] as const)('fails when it is refused %s', async (_, answers, pauses) => {
    const { answer, paused } = calling(...answers)
    await expect(answer).rejects.toMatchObject({ status: 429, passing: true })
    expect(paused).toHaveLength(pauses)
  })

  it('nothing else is made again', async () => {
    const { answer, paused } = calling(refusalOf(503, { 'retry-after': '1' }, ''))
    await expect(answer).rejects.toMatchObject({ status: 503 })
    expect(paused).toEqual([])
  })
})
