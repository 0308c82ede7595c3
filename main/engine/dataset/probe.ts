/** DuckDB at work: for `doctor`. */
import { DuckDBInstance } from '@duckdb/node-api'

/** Sums a few rows. @throws where the addon does not load or counts wrongly */
export async function probe(): Promise<string> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const rows = (await connection.runAndReadAll('SELECT version(), sum(i)::INTEGER FROM range(1, 4) t(i)')).getRows()
    const [version, sum] = rows[0] ?? []
    if (sum !== 6) throw new Error(`1 + 2 + 3 gave ${String(sum)}`)
    return `DuckDB ${String(version)}`
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
