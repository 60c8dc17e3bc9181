import { chooseResponse } from '../wire/negotiate.ts'
import type { Encoding, WireContext } from '../wire/row.ts'
import { type Answer, type Exchange, json } from './exchange.ts'

/** A view in the version that the caller accepts. @throws Problem 'not-acceptable' */
export type Encoded = <View>(
  exchange: Exchange,
  rows: readonly Encoding<View>[],
  view: View,
  options?: Partial<Omit<Answer, 'body'>>,
) => Answer

export const encodedBy =
  (wire: WireContext): Encoded =>
  (exchange, rows, view, options = {}) => {
    const row = chooseResponse(exchange.header('accept'), rows)
    return json(row.encode(view, wire), { ...options, mediaType: row.mediaType })
  }
