/** Where a run is told while it trains, or later: a server of MLflow, or a folder for TensorBoard. */
import { z } from 'zod'
import { pathBehind } from '../paths.ts'

const MLFLOW = 'mlflow'
const TENSORBOARD = 'tensorboard:'
const SERVER = 'start a server on it, mlflow server --backend-store-uri sqlite:///mlflow.db, and give mlflow:http://127.0.0.1:5000'

/** `mlflow:http://HOST:5000`, `mlflow` (the server that MLFLOW_TRACKING_URI names) or `tensorboard:FOLDER`. */
export const trackerSchema = pathBehind(
  TENSORBOARD,
  'write',
  z.string().superRefine((text, context) => {
    const message = problemOf(text)
    if (message !== null) context.addIssue({ code: 'custom', message })
  }),
)

export type Tracker = { readonly kind: 'tensorboard'; readonly folder: string } | { readonly kind: 'mlflow'; readonly uri: string | null }

/** A text of {@link trackerSchema} in its parts; `uri` is null where MLFLOW_TRACKING_URI says it. */
export function readTracker(text: string): Tracker {
  if (text.startsWith(TENSORBOARD)) return { kind: 'tensorboard', folder: text.slice(TENSORBOARD.length) }
  return { kind: 'mlflow', uri: text.slice(MLFLOW.length + 1).replace(/\/+$/, '') || null }
}

function problemOf(text: string): string | null {
  if (text.startsWith(TENSORBOARD)) {
    const folder = text.slice(TENSORBOARD.length)
    return folder === '' || folder.includes('\0') ? 'names no folder: tensorboard:FOLDER' : null
  }
  if (text === MLFLOW) return null
  if (text.startsWith(`${MLFLOW}:`)) return mlflowProblem(text.slice(MLFLOW.length + 1))
  return 'is neither mlflow:http://HOST:5000 nor tensorboard:FOLDER'
}

/** Why the URI of a tracking server cannot be spoken to, with the remedy; null where it can. */
export function mlflowProblem(uri: string): string | null {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase()
  if (scheme === undefined || scheme === 'file')
    return `names a folder: MLflow keeps runs in folders no longer up to date. Instead ${SERVER.replace(' on it', '')}`
  if (/^(sqlite|postgresql|mysql|mssql)/.test(scheme)) return `is a database, which MLflow's own server writes: ${SERVER}`
  if (scheme !== 'http' && scheme !== 'https') return `is of ${scheme}, which is not spoken here: give mlflow:http://HOST:5000`
  if (!URL.canParse(uri)) return 'is no address: give mlflow:http://HOST:5000'
  const { username, password } = new URL(uri)
  if (username !== '' || password !== '')
    return 'holds a password: leave it out, and set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD'
  return null
}
