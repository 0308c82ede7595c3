/**
 * A program that may run on another processor: for its first steps it runs on both, the answers being the CPU's; then on the one that
 * needed less time. What fails over there, or answers otherwise, runs on the CPU for good.
 */
import type { Executable } from './executable.ts'
import type { Feeds, Fetches, Sizes } from './graph-session.ts'

/** Steps on both; the first compiles what runs there, and its time does not count. */
export const TRIAL_STEPS = 20
/** How far answers may be apart, in units of the greatest number of their array: sums are made in another order there. */
const TOLERANCE = 1e-3

export class OnTrial implements Executable {
  readonly #cpu: Executable
  readonly #told: (text: string) => void
  readonly #name: string
  /** null: it was let go */
  #device: Executable | null
  #steps = 0
  /** milliseconds of the steps that count */
  #spent = { cpu: 0, device: 0 }

  /** @param told what is decided, for a run's log */
  constructor(cpu: Executable, device: Executable, name: string, told: (text: string) => void) {
    this.#cpu = cpu
    this.#device = device
    this.#name = name
    this.#told = told
  }

  async run(feeds: Feeds, sizes: Sizes = {}): Promise<Fetches> {
    const device = this.#device
    if (device === null) return this.#cpu.run(feeds, sizes)
    if (this.#steps === TRIAL_STEPS) return this.#guarded(device, feeds, sizes)
    const started = performance.now()
    const answers = await this.#cpu.run(feeds, sizes)
    const between = performance.now()
    try {
      const others = await device.run(feeds, sizes)
      if (this.#steps > 0) this.#count(between - started, performance.now() - between)
      this.#steps++
      const apart = worstOf(answers, others)
      if (!(apart <= TOLERANCE)) await this.#leave(`its numbers are ${apart.toExponential(1)} from the CPU's`)
      else if (this.#steps === TRIAL_STEPS) await this.#decide()
    } catch (error) {
      await this.#leave((error as Error).message)
    }
    return answers
  }

  async dispose(): Promise<void> {
    await this.#device?.dispose()
    await this.#cpu.dispose()
  }

  #count(cpu: number, device: number): void {
    this.#spent = { cpu: this.#spent.cpu + cpu, device: this.#spent.device + device }
  }

  /** An error in the middle of a training takes nothing with it: the same step is run on the CPU. */
  async #guarded(device: Executable, feeds: Feeds, sizes: Sizes): Promise<Fetches> {
    try {
      return await device.run(feeds, sizes)
    } catch (error) {
      await this.#leave((error as Error).message)
      return this.#cpu.run(feeds, sizes)
    }
  }

  async #decide(): Promise<void> {
    const [cpu, device] = [this.#spent.cpu, this.#spent.device].map((ms) => ms / (TRIAL_STEPS - 1))
    const times = `${device!.toFixed(2)} ms a step there, ${cpu!.toFixed(2)} on the CPU (mean of ${TRIAL_STEPS - 1})`
    if (device! < cpu!) this.#told(`Steps run on ${this.#name}: ${times}.`)
    else await this.#leave(times)
  }

  async #leave(why: string): Promise<void> {
    const device = this.#device
    this.#device = null
    this.#told(`Steps run on the CPU and not on ${this.#name}: ${why.replace(/\.$/, '')}.`)
    await device?.dispose().catch(() => undefined)
  }
}

/** The greatest difference of two answers, array by array in units of the greatest number of it; NaN where one is no number. */
function worstOf(ones: Fetches, others: Fetches): number {
  let worst = 0
  for (const [name, one] of Object.entries(ones)) {
    const other = others[name]!
    let [size, apart] = [1e-6, 0]
    for (let i = 0; i < one.length; i++) {
      size = Math.max(size, Math.abs(one[i]!))
      const difference = Math.abs(one[i]! - other[i]!)
      if (Number.isNaN(difference) && !Number.isNaN(one[i]!)) return NaN
      apart = Math.max(apart, difference)
    }
    worst = Math.max(worst, apart / size)
  }
  return worst
}
