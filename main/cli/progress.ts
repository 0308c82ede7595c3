/**
 * Progress on stderr. On a terminal one line is drawn over and over: a bar, the rate and the time left. Piped, plain lines: one at each
 * change of stage and at most one every two seconds.
 */
import type { Events } from '../contract/events.ts'
import { count, duration, style } from './table.ts'

const EVERY_MS = 2_000
const BAR = 24

export interface ProgressView {
  progress(event: Events['job.progress']): void
  /** a line that stays */
  say(text: string): void
  /** takes an unfinished bar away */
  end(): void
}

/** The view that suits the stream. */
export function progressView(stream: NodeJS.WriteStream = process.stderr): ProgressView {
  return stream.isTTY ? bar(stream) : lines(stream)
}

function bar(stream: NodeJS.WriteStream): ProgressView {
  let isDrawn = false
  const clear = (): void => {
    if (isDrawn) stream.write('\r\u001b[K')
    isDrawn = false
  }
  return {
    progress: ({ progress, perSecond, etaSeconds }) => {
      const { stage, done, total } = progress
      const share = total === null || total === 0 ? null : Math.min(1, done / total)
      const filled = share === null ? 0 : Math.round(share * BAR)
      const gauge =
        share === null
          ? ''
          : `${'━'.repeat(filled)}${style('dim', '━'.repeat(BAR - filled), stream)} ${String(Math.floor(share * 100)).padStart(3)} %`
      const plain = `${stage}  ${share === null ? '' : ' '.repeat(BAR + 6)}  ${facts(progress, perSecond, etaSeconds)}`
      const room = (stream.columns || 80) - 1
      const tail = facts(progress, perSecond, etaSeconds)
      const fitting = plain.length <= room ? tail : tail.slice(0, Math.max(0, tail.length - (plain.length - room)))
      stream.write(`\r\u001b[K${[stage, gauge, fitting].filter((part) => part !== '').join('  ')}`)
      isDrawn = true
    },
    say: (text) => {
      clear()
      stream.write(`${text}\n`)
    },
    end: clear,
  }
}

function lines(stream: NodeJS.WriteStream): ProgressView {
  let stage = ''
  let written = -Infinity
  return {
    progress: ({ progress, perSecond, etaSeconds }) => {
      const now = performance.now()
      if (progress.stage === stage && now - written < EVERY_MS) return
      stage = progress.stage
      written = now
      stream.write(`${progress.stage}: ${facts(progress, perSecond, etaSeconds)}\n`)
    },
    say: (text) => void stream.write(`${text}\n`),
    end: () => {},
  }
}

/** `120,000 of 810,128 examples, 95,311/s, 8 s loss 5.21` */
function facts(
  { done, total, unit, note }: Events['job.progress']['progress'],
  perSecond: number | null,
  etaSeconds: number | null,
): string {
  return [
    `${count(done)}${total === null ? '' : ` of ${count(total)}`} ${unit}`,
    perSecond === null ? '' : `${perSecond < 10 ? perSecond.toFixed(1) : count(perSecond)}/s`,
    etaSeconds === null || done === total ? '' : `${duration(etaSeconds)} left`,
    note ?? '',
  ]
    .filter((part) => part !== '')
    .join(', ')
}
