/** Sentences of the engine in Chinese, by room; see `composables/engine-words.ts`. Loaded when Chinese is shown. */
import { datasetSentences } from './dataset.ts'
import { describedSentences } from './described.ts'
import { exportSentences } from './export.ts'
import { importSentences } from './import.ts'
import { importFilesSentences } from './import-files.ts'
import { jobsSentences } from './jobs.ts'
import { pageSentences } from './page.ts'
import { servingSentences } from './serving.ts'
import { storeSentences } from './store.ts'
import { trainingSentences } from './training.ts'
import { verbsSentences } from './verbs.ts'
import { grammar, units, words } from './words.ts'
import type { Sayings } from '../../texts.ts'

export const sentences = {
  ...datasetSentences,
  ...describedSentences,
  ...exportSentences,
  ...importSentences,
  ...importFilesSentences,
  ...jobsSentences,
  ...pageSentences,
  ...servingSentences,
  ...storeSentences,
  ...trainingSentences,
  ...verbsSentences,
} satisfies Readonly<Record<string, string>>

export const sayings: Sayings = { sentences: { ...grammar, ...sentences }, words, units }
