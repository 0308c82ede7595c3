/** The part of better-sqlite3 13 that the store uses; the package ships no types. */
declare module 'better-sqlite3' {
  type Value = string | number | bigint | null | Uint8Array
  type Parameters = readonly Value[] | Readonly<Record<string, Value>>

  interface Statement<Row> {
    run(...parameters: (Value | Parameters)[]): { changes: number; lastInsertRowid: number | bigint }
    get(...parameters: (Value | Parameters)[]): Row | undefined
    all(...parameters: (Value | Parameters)[]): Row[]
    pluck(toggle?: boolean): Statement<Row>
    raw(toggle?: boolean): Statement<Row>
    iterate(...parameters: (Value | Parameters)[]): IterableIterator<Row>
    columns(): { name: string }[]
    readonly reader: boolean
    readonly readonly: boolean
  }

  interface Transaction<A extends unknown[], R> {
    (...parameters: A): R
    immediate(...parameters: A): R
  }

  export default class Database {
    constructor(path: string, options?: { readonly?: boolean; fileMustExist?: boolean; timeout?: number })
    prepare<Row = unknown>(sql: string): Statement<Row>
    transaction<A extends unknown[], R>(body: (...parameters: A) => R): Transaction<A, R>
    pragma(source: string, options?: { simple?: boolean }): unknown
    exec(sql: string): this
    close(): this
    readonly open: boolean
    readonly inTransaction: boolean
  }
}
