/** Verb handlers of the trash (list, restore, empty), of backups of the workspace, and of questions to it in SQL. */
import { setImmediate } from 'node:timers/promises'
import { resolve } from 'node:path'
import { badInput } from '../../contract/errors.ts'
import { askSql, SQL_VIEWS, type SqlAnswer } from '../store/sql-face.ts'
import type { SqlValue } from '../store/tables.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'

export function workspaceVerbs({
  store,
  queue,
  announce,
  guard,
}: EngineContext): Handlers<'trash.list' | 'trash.restore' | 'trash.empty' | 'workspace.backup' | 'workspace.sql'> {
  const { trash, workspace } = store
  return {
    'trash.list': async () => ({ entries: trash.list() }),

    'trash.restore': async ({ entry }) => {
      const taken = store.takeBack(entry)
      if (taken.kind === 'run') announce('runs.changed', { run: taken.what })
      if (taken.kind === 'search') {
        for (const run of taken.runs) announce('runs.changed', { run })
        announce('search.changed', { search: taken.what })
      }
      if (taken.kind === 'backtest') announce('backtest.changed', { backtest: taken.what })
      if (taken.kind === 'segment') announce('segments.changed', { segment: taken.what })
      if (taken.kind === 'dataset') announce('datasets.changed', { dataset: taken.what })
      return taken
    },

    'trash.empty': async ({ entries }) => {
      const ids = entries.length === 0 ? trash.ids() : entries.map((text) => trash.find(text).id)
      let bytes = 0
      for (const id of ids) {
        bytes += trash.empty([id]).bytes
        await setImmediate() // there may be thousands, and others ask meanwhile
      }
      return { removed: ids.length, bytes }
    },

    'workspace.backup': async ({ out }) =>
      queue.add({ job: 'copy', beside: true, input: () => ({ from: workspace.home, to: resolve(out) }) }),

    'workspace.sql': async ({ sql, limit, csv }) => {
      if (guard.policy !== null) throw badInput('It is for the command line and scripts, not for pages of a browser.', 'sql')
      if (sql.trim() !== '') return { ...plain(askSql(store.database, sql, limit)), csv }
      const rows = Object.entries(SQL_VIEWS).map(([name, { about, columns }]) => [name, about, Object.keys(columns).join(', ')])
      return { columns: ['view', 'holds', 'columns'], rows, more: false, csv }
    },
  }
}

/** Bytes, which JSON has no form for, as text. */
function plain({ columns, rows, more }: SqlAnswer): { columns: string[]; rows: (string | number | null)[][]; more: boolean } {
  const cell = (value: SqlValue): string | number | null => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value)
  return { columns, rows: rows.map((row) => row.map(cell)), more }
}
