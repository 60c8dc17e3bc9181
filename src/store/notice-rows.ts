import type { Generated } from 'kysely'

/** The outbox. */
export interface NoticeRow {
  id: Generated<number>
  account_id: string
  enrollment_id: number
  change_id: number | null
  occasion: string
  text: string
  due_at: number
  formed_at: number | null
  dropped_at: number | null
}

/** A conflict that people were told of. */
export interface ToldConflictRow {
  enrollment_id: number
  code: string
  change_id: number
  grade: string
  until: number
  text: string
}
