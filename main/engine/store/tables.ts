/** Rows as SQL takes and gives them: what is needed of a database by who only reads and writes some. */

/** What may be bound to a parameter. */
export type SqlValue = string | number | null | Uint8Array

/** Writes are within a transaction of the caller's. */
export interface Tables {
  all<Row>(sql: string, ...values: SqlValue[]): Row[]
  run(sql: string, ...values: SqlValue[]): unknown
}
