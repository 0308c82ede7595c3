/** All texts of the language, one file a page. In a text {name} is a value, | parts plural forms; a literal @ { } | is written {'@'}. */
import common from './common.ts'
import runs from './runs.ts'
import run from './run.ts'
import compare from './compare.ts'
import data from './data.ts'
import inspect from './inspect.ts'
import index from './index.ts'
import serve from './serve.ts'
import report from './report.ts'
import searches from './searches.ts'
import settings from './settings.ts'
import newRun from './new-run.ts'

const en = { common, runs, run, compare, newRun, data, inspect, index, serve, report, searches, settings }
export default en
