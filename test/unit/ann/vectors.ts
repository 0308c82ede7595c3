/** Seeded vectors for the tests of search. */

/** Uniform numbers in (0, 1), the generator of Numerical Recipes. */
function uniform(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 0.5) / 2 ** 32
  }
}

/** Gaussian clusters around 50 centres; `spread` is the standard deviation of log length. */
export function clustered(count: number, dim: number, seed: number, spread = 0): Float32Array {
  const gauss = normal(uniform(1))
  const centres = Float32Array.from({ length: 50 * dim }, gauss)
  const random = uniform(seed)
  const noise = normal(random)
  const vectors = new Float32Array(count * dim)
  for (let row = 0; row < count; row++) {
    const centre = Math.floor(50 * random())
    const length = Math.exp(spread * noise())
    for (let j = 0; j < dim; j++) vectors[row * dim + j] = length * (centres[centre * dim + j]! + 0.7 * noise())
  }
  return vectors
}

function normal(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
}

/** Drains a stage nobody watches. */
export async function drain<T>(stage: AsyncGenerator<unknown, T>): Promise<T> {
  for (;;) {
    const step = await stage.next()
    if (step.done === true) return step.value
  }
}
